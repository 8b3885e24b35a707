import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type DefinitionInput, dropDuplicates, encode, randomForest } from '../../../lib/pipeline/index.ts';
import type { Stage } from '../../../lib/tracking/types.ts';
import { tinyClasses, tinyClassesCsv, tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { type PipelineWorld, pipelineWorld, runToEnd } from '../../support/pipeline.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const HOUSES = text(tinyHousesCsv());
const [HEADER, ...ROWS] = HOUSES.trim().split('\n');
const withColumn = (name: string, value: (i: number) => string): string =>
  [`${name},${HEADER}`, ...ROWS.map((row, i) => `${value(i)},${row}`)].join('\n');

/** A gzip whose last four bytes say that a gigabyte was packed, and whose middle is gone. */
function truncatedGigabyte(): Uint8Array {
  const whole = gzipSync(HOUSES);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(2 ** 30, 4);
  return Buffer.concat([whole.subarray(0, whole.length / 2), trailer]);
}

interface Refusal {
  bytes: string | Uint8Array;
  code: string;
  stage: Stage;
  /** What the message must name, so that a reader finds the place. */
  names: RegExp;
  definition?: Partial<DefinitionInput>;
}

const towns = z.object({ town: z.string(), area: z.number(), age: z.number(), price: z.number() });

/** The files of issue 3's list, and their kin: what ends the run, where, and what the message names. */
const REFUSED: Record<string, Refusal> = {
  'no bytes at all': { bytes: '', code: 'EMPTY_DATA', stage: 'ingest', names: /empty|no / },
  'a header without rows': { bytes: `${HEADER}\n`, code: 'EMPTY_DATA', stage: 'ingest', names: /row/ },
  'semicolons for commas': {
    bytes: HOUSES.replaceAll(',', ';'),
    code: 'WRONG_DELIMITER',
    stage: 'ingest',
    names: /semicolon/,
  },
  'a gzip that declares 1 GB and is cut': {
    bytes: truncatedGigabyte(),
    code: 'TRUNCATED_GZIP',
    stage: 'ingest',
    names: /byte/,
  },
  'a column twice': {
    bytes: withColumn('age', String),
    code: 'DUPLICATE_COLUMN',
    stage: 'ingest',
    names: /"age"/,
  },
  'a column missing': {
    bytes: HOUSES.replace('age', 'years'),
    code: 'MISSING_COLUMN',
    stage: 'ingest',
    names: /"age"/,
  },
  'the target missing': {
    bytes: HOUSES.replace('price', 'cost'),
    code: 'MISSING_COLUMN',
    stage: 'ingest',
    names: /"price"/,
  },
  'a column named __proto__': {
    bytes: withColumn('__proto__', () => 'polluted'),
    code: 'BAD_COLUMN_NAME',
    stage: 'ingest',
    names: /__proto__/,
  },
  NaN: {
    bytes: HOUSES.replace(/^\d+,/gm, 'NaN,'),
    code: 'TOO_MANY_BAD_ROWS',
    stage: 'ingest',
    names: /area/,
  },
  infinities: {
    bytes: HOUSES.replace(/^\d+,/gm, '-Infinity,'),
    code: 'TOO_MANY_BAD_ROWS',
    stage: 'ingest',
    names: /area/,
  },
  '10^400': {
    bytes: HOUSES.replace(/^\d+,/gm, `1${'0'.repeat(400)},`),
    code: 'TOO_MANY_BAD_ROWS',
    stage: 'ingest',
    names: /area.*too large/,
  },
  'a target without a value': {
    bytes: HOUSES.replace(/,-?\d+$/gm, ','),
    code: 'TOO_MANY_BAD_ROWS',
    stage: 'ingest',
    names: /price/,
  },
  'a constant target': {
    bytes: HOUSES.replace(/,-?\d+$/gm, ',100'),
    code: 'CONSTANT_TARGET',
    stage: 'clean',
    names: /price/,
  },
  'a zip archive': {
    bytes: Buffer.from('504b0304140006000000', 'hex'),
    code: 'NOT_CSV',
    stage: 'ingest',
    names: /ZIP/i,
  },
  '4,000 categories, one-hot': {
    bytes: [
      `town,${HEADER}`,
      ...Array.from(
        { length: 12_000 },
        (_, i) => `t${i % 4000},${ROWS[(i + 61 * Math.floor(i / 4000)) % ROWS.length]}`,
      ),
    ].join('\n'),
    code: 'TOO_MANY_CATEGORIES',
    stage: 'clean',
    names: /"town" has \d+ values/,
    definition: { row: towns, clean: [encode('categorical')] },
  },
};

describe('a bad file ends the run with its code, and leaves nothing half-written', () => {
  it.each(Object.entries(REFUSED))('%s', async (_, { bytes, code, stage, names, definition }) => {
    const file = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    const world = pipelineWorld([tinyHouses(definition)], { 'tiny-houses': file });
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run).toMatchObject({ status: 'FAILED', error: { code, stage } });
    expect(run.error?.message).toMatch(names);
    expect(run.error?.remedy.length).toBeGreaterThan(15);
    expect(run.metrics).toEqual({});
    // What ingest finished stays (it is whole, and named by its hash); nothing of a later stage is there.
    const { objects } = await world.objects.list('default/');
    const zones = new Set(objects.map(({ key }) => key.split('/')[1]));
    const finished = stage === 'clean' ? ['clean', 'raw', 'runs'] : ['raw', 'runs'];
    for (const zone of zones) expect(finished).toContain(zone);
    expect((await world.deps.registry.listModels('default')).items).toEqual([]);
    expect(await world.deps.state.holder('default', 'tiny-houses')).toBeUndefined();
    expect(world.events.events.map((event) => JSON.stringify(event))).toEqual([
      expect.stringContaining(`"${code}"`),
    ]);
  });

  it('a single class', async () => {
    const bytes = new TextEncoder().encode(text(tinyClassesCsv()).replaceAll(',no', ',yes'));
    const world = pipelineWorld([tinyClasses()], { 'tiny-classes': bytes });
    const run = await runToEnd(world.deps, 'tiny-classes');
    expect(run).toMatchObject({ status: 'FAILED', error: { code: 'SINGLE_CLASS', stage: 'clean' } });
    expect(run.error?.message).toContain('"label" has one value');
    expect((await world.deps.registry.listModels('default')).items).toEqual([]);
  });

  it('a 99.5 % copy of the target under another name', async () => {
    const copy = (i: number) => (i % 200 === 0 ? '1' : (ROWS[i]?.split(',')[2] ?? ''));
    const row = z.object({ hint: z.number(), area: z.number(), age: z.number(), price: z.number() });
    const world = pipelineWorld([tinyHouses({ row })], {
      'tiny-houses': new TextEncoder().encode(withColumn('hint', copy)),
    });
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run).toMatchObject({ status: 'FAILED', error: { code: 'LEAKAGE', stage: 'clean' } });
    expect(run.error?.message).toContain('"hint"');
  });
});

describe('odd files that are right are taken', () => {
  it.each([
    ['a byte order mark', `\uFEFF${HOUSES}`],
    ['CRLF', HOUSES.replaceAll('\n', '\r\n')],
    [
      'quotes with newlines in a further column',
      withColumn('note', (i) => `"line one of ${i}\nline ""two"""`),
    ],
  ])('%s', async (_, content) => {
    const plain = pipelineWorld([tinyHouses()], { 'tiny-houses': tinyHousesCsv() });
    const odd = pipelineWorld([tinyHouses()], { 'tiny-houses': new TextEncoder().encode(content) });
    const [expected, run] = [
      await runToEnd(plain.deps, 'tiny-houses'),
      await runToEnd(odd.deps, 'tiny-houses'),
    ];
    expect(run).toMatchObject({ status: 'FINISHED', tags: { 'data.rows': '200', 'data.badRows': '0' } });
    expect(run.metrics).toEqual(expected.metrics);
    const model = async (world: PipelineWorld) =>
      (await world.deps.registry.getVersion('default', 'tiny-houses', '1')).modelSha256;
    expect(await model(odd)).toBe(await model(plain));
  });

  it('4,000 categories, native to the forest', async () => {
    // The town says something of the price, and neither it nor the area says it all.
    const rows = Array.from({ length: 12_000 }, (_, i) => {
      const [town, area] = [i % 4000, (i * 37) % 101];
      return `t${town},${area},${i % 89},${(town % 40) + area + ((i * 7919) % 53)}`;
    });
    const world = pipelineWorld(
      [
        tinyHouses({
          row: towns,
          clean: [dropDuplicates()],
          candidates: [randomForest({ trees: 3, maxDepth: 6 })],
        }),
      ],
      { 'tiny-houses': new TextEncoder().encode(['town,area,age,price', ...rows].join('\n')) },
    );
    const run = await runToEnd(world.deps, 'tiny-houses');
    expect(run.error).toBeUndefined();
    expect(run).toMatchObject({ status: 'FINISHED', tags: { 'data.rows': '12000' } });
  });
});
