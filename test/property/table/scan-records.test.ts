import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCsv } from '../../../lib/pipeline/batch/csv.ts';
import { type ScannedRecord, scanRecords } from '../../../lib/table/csv/scan-records.ts';
import { textRecords } from '../../../lib/table/csv/text-records.ts';

/** All that may matter to where a record ends, and one letter of two bytes. */
const hostile = fc.array(fc.constantFrom('a', 'é', ',', ';', '"', '"', '\n', '\r', '\r\n', ' '), {
  maxLength: 60,
});
const cell = fc
  .array(fc.constantFrom('x', '1', ',', '"', '\n', '\r\n', 'é'), { maxLength: 6 })
  .map((c) => c.join(''));
const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function recordsIn(pieces: readonly Uint8Array[], origin = {}): ScannedRecord[] {
  const found: ScannedRecord[] = [];
  const scan = scanRecords(',', (record) => found.push(record), origin);
  for (const piece of pieces) scan.push(piece);
  scan.end();
  return found;
}

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [
    0,
    ...[...places].map((place) => place % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return at.slice(1).map((end, i) => bytes.subarray(at[i]!, end));
}

describe('the records of a CSV text', () => {
  it('do not depend on how its bytes come', () => {
    fc.assert(
      fc.property(hostile, fc.array(fc.nat(), { maxLength: 8 }), (parts, places) => {
        const bytes = Buffer.from(parts.join(''));
        expect(recordsIn(cutAt(bytes, places))).toEqual(recordsIn([bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it('are those of its halves where it is cut behind any record', () => {
    fc.assert(
      fc.property(hostile, (parts) => {
        const bytes = Buffer.from(parts.join(''));
        const all = recordsIn([bytes]);
        for (const [i, { next }] of all.entries()) {
          const before = recordsIn([bytes.subarray(0, next)]);
          const following = all[i + 1];
          const origin = { offset: following?.start ?? next, line: following?.line ?? 1 };
          const after = recordsIn([bytes.subarray(origin.offset)], origin);
          expect([...before, ...after]).toEqual(all);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are the rows that were written, quotes and ends of lines in them and all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 12 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        (rows, endOfLine) => {
          const bytes = Buffer.from(rows.map((row) => row.map(quoted).join(',') + endOfLine).join(''));
          const found = recordsIn([bytes]).map(({ start, end }) => bytes.toString('utf8', start, end));
          expect(found.map((text) => textRecords(text).records[0])).toEqual(rows);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the plan of a CSV text', () => {
  it('has every row in one chunk, in order, however small the chunks are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 80 }),
        fc.array(fc.nat(), { maxLength: 5 }),
        fc.boolean(),
        async (rows, chunkBytes, places, mark) => {
          const lines = [['name', 'note'], ...rows].map((row) => `${row.map(quoted).join(',')}\n`);
          const bytes = Buffer.from((mark ? '\uFEFF' : '') + lines.join(''));
          const plan = await planCsv(
            (async function* () {
              yield* cutAt(bytes, places);
            })(),
            chunkBytes,
          );
          expect(plan).toMatchObject({ rows: rows.length, header: ['name', 'note'], bytes: bytes.length });
          const read = plan.chunks.flatMap((chunk) => {
            const inside = recordsIn([bytes.subarray(chunk.start, chunk.end)], { offset: chunk.start });
            expect(inside).toHaveLength(chunk.rows);
            return inside.map(({ start, end }) => textRecords(bytes.toString('utf8', start, end)).records[0]);
          });
          expect(read).toEqual(rows.map((row) => [...row]));
          let before = 0;
          for (const chunk of plan.chunks) {
            expect(chunk.firstRow).toBe(before);
            before += chunk.rows;
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
