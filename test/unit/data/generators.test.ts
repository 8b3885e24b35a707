import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import { describe, expect, it } from 'vitest';
import devops from '../../../data/devops-metrics/pipeline.ts';
import diabetes from '../../../data/diabetes/pipeline.ts';
import forest from '../../../data/forest-cover/pipeline.ts';
import housing from '../../../data/housing/pipeline.ts';
import students from '../../../data/student-performance/pipeline.ts';
import { sourcesOf } from '../../../lib/pipeline/catalog.ts';
import type { GenerateSource, PipelineDefinition } from '../../../lib/pipeline/index.ts';
import { readCsv, requireColumn, schemaFromZod, seededRandom } from '../../../lib/table/index.ts';

const sourceOf = (definition: PipelineDefinition): GenerateSource =>
  sourcesOf(definition).find((source) => source.kind === 'generate') as GenerateSource;
const made = (definition: PipelineDefinition, rows: number, seed = sourceOf(definition).seed) =>
  sourceOf(definition).make(seededRandom(seed), rows);
/** As ingest reads them. */
const read = (definition: PipelineDefinition, rows: ReturnType<typeof made>) =>
  readCsv(Readable.from([Buffer.from(stringify(rows, { header: true }))]), {
    schema: schemaFromZod(definition.row),
    row: definition.row,
    missing: definition.missing,
    maxBadShare: 1,
  });

describe.each(
  [housing, students, devops, diabetes, forest].map((definition) => [definition.name, definition] as const),
)('the generator of %s', (_, definition) => {
  it('is the last source, and makes as many rows as it is asked for', () => {
    expect(sourcesOf(definition).at(-1)).toBe(sourceOf(definition));
    for (const rows of [1, 17, 500]) expect(made(definition, rows)).toHaveLength(rows);
  });

  it('makes rows that the row schema takes, each of them, with its columns and no others', async () => {
    const rows = made(definition, 2_000);
    const names = schemaFromZod(definition.row).columns.map(({ name }) => name);
    for (const row of rows) expect(Object.keys(row).sort()).toEqual([...names].sort());
    const { table, badCount, badRows } = await read(definition, rows);
    expect(badRows.slice(0, 3)).toEqual([]);
    expect([table.rowCount, badCount]).toEqual([2_000, 0]);
    expect(table.columns.map(({ name }) => name)).toEqual(names);
  });

  it('makes the same rows by the same seed, and others by another', () => {
    expect(made(definition, 300)).toEqual(made(definition, 300));
    expect(made(definition, 300, 9_999)).not.toEqual(made(definition, 300));
  });

  it('makes a beginning that does not depend on how many rows follow', () => {
    expect(made(definition, 400).slice(0, 100)).toEqual(made(definition, 100));
  });

  it('has a target of more than one value', async () => {
    const { table } = await read(definition, made(definition, 2_000));
    const target = requireColumn(table, definition.target);
    const values = 'values' in target ? target.values : target.codes;
    expect(new Set(values).size).toBeGreaterThan(1);
  });
});

/** Share of the rows for which it holds. */
const share = <T>(rows: readonly T[], holds: (row: T) => boolean): number =>
  rows.filter(holds).length / rows.length;

describe('encounters of diabetics', () => {
  const rows = made(diabetes, 20_000);
  const stays = Map.groupBy(rows, ({ patient_nbr }) => patient_nbr);

  it('are 101,766 in the definition, each with a number of its own', () => {
    expect(sourceOf(diabetes).rows).toBe(101_766);
    expect(new Set(rows.map(({ encounter_id }) => encounter_id)).size).toBe(20_000);
  });

  it('are of patients who come again, as in UCI 296: 1.42 stays each, a quarter more than one', () => {
    expect(rows.length / stays.size).toBeCloseTo(101_766 / 71_518, 1);
    const again = share([...stays.values()], (own) => own.length > 1);
    expect(again).toBeGreaterThan(0.2);
    expect(again).toBeLessThan(0.3);
  });

  it('keep a person’s facts from stay to stay, and count the earlier stays', () => {
    for (const own of stays.values()) {
      for (const fact of ['race', 'gender', 'age', 'weight']) {
        expect(new Set(own.map((row) => row[fact])).size).toBe(1);
      }
      for (const [earlier, row] of own.entries()) {
        expect(Number(row.number_inpatient)).toBeGreaterThanOrEqual(Math.min(21, earlier));
      }
    }
  });

  it('have the shares of the real file, and the dead do not come back', () => {
    expect(share(rows, ({ readmitted }) => readmitted === 'NO')).toBeGreaterThan(0.45);
    expect(share(rows, ({ readmitted }) => readmitted === '<30')).toBeLessThan(0.2);
    expect(share(rows, ({ gender }) => gender === 'Female')).toBeCloseTo(54_708 / 101_766, 1);
    expect(share(rows, ({ weight }) => weight === '?')).toBeCloseTo(98_569 / 101_766, 1);
    const dead = rows.filter((row) =>
      ['11', '19', '20', '21'].includes(String(row.discharge_disposition_id)),
    );
    expect(dead.length).toBeGreaterThan(0);
    expect(new Set(dead.map(({ readmitted }) => readmitted))).toEqual(new Set(['NO']));
  });

  it('were not changed in their drugs where none was given', () => {
    const none = rows.filter(({ diabetesMed }) => diabetesMed === 'No');
    expect(none.length).toBeGreaterThan(0);
    expect(new Set(none.map(({ change }) => change))).toEqual(new Set(['No']));
  });

  it('come back sooner the more often they were there', () => {
    const soon = (low: number, high: number) =>
      share(
        rows.filter(({ number_inpatient: n }) => Number(n) >= low && Number(n) <= high),
        ({ readmitted }) => readmitted === '<30',
      );
    expect(soon(3, 21)).toBeGreaterThan(1.5 * soon(0, 0));
  });
});

describe('cells of a forest', () => {
  const rows = made(forest, 20_000);

  it('are 20,000 in the definition, of all seven types, as often as in the real file', () => {
    expect(sourceOf(forest).rows).toBe(20_000);
    const real = [33_894, 45_328, 5_721, 439, 1_519, 2_779, 3_282];
    for (const [label, count] of real.entries()) {
      const own = share(rows, ({ Cover_Type }) => Cover_Type === String(label));
      expect(own, `class ${label}`).toBeGreaterThan(0);
      expect(Math.abs(own - count / 92_962), `class ${label}`).toBeLessThan(0.015);
    }
  });

  it('have the heights of their types: willows low, krummholz high', () => {
    const height = (label: string) => {
      const own = rows.filter(({ Cover_Type }) => Cover_Type === label);
      return own.reduce((sum, { Elevation }) => sum + Number(Elevation), 0) / own.length;
    };
    expect(Math.abs(height('0') - 3127)).toBeLessThan(15);
    expect(Math.abs(height('3') - 2222)).toBeLessThan(40);
    expect(Math.abs(height('6') - 3364)).toBeLessThan(20);
  });

  it('grow in the areas and soils that their type is found in', () => {
    const areas = (label: string) =>
      new Set(
        rows.filter(({ Cover_Type }) => Cover_Type === label).map(({ Wilderness_Area }) => Wilderness_Area),
      );
    expect(areas('3')).toEqual(new Set(['Cache']));
    expect(areas('0')).toEqual(new Set(['Rawah', 'Neota', 'Commanche']));
  });
});

describe('servers under load', () => {
  const rows = made(devops, 5_000) as Record<string, number>[];

  it('are 1,000 in the definition, in the ranges of the simulated file', () => {
    expect(sourceOf(devops).rows).toBe(1000);
    const ranges = { cpu_usage: [20, 95], memory_usage: [30, 90], disk_io_mbps: [50, 400] } as const;
    for (const [name, [low, high]] of Object.entries(ranges)) {
      for (const row of rows) {
        expect(row[name]).toBeGreaterThanOrEqual(low);
        expect(row[name]).toBeLessThanOrEqual(high);
      }
    }
    expect(rows.every(({ concurrent_users: users }) => Number.isInteger(users))).toBe(true);
  });

  it('answer slower under each load but the disk’s', () => {
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const correlation = (name: string) => {
      const [x, y] = [rows.map((row) => row[name]!), rows.map((row) => row.response_time_ms!)];
      const [mx, my] = [mean(x), mean(y)];
      const product = (a: number[], b: number[], ma: number, mb: number) =>
        a.reduce((sum, value, i) => sum + (value - ma) * (b[i]! - mb), 0);
      return product(x, y, mx, my) / Math.sqrt(product(x, x, mx, mx) * product(y, y, my, my));
    };
    for (const name of ['cpu_usage', 'memory_usage', 'network_latency_ms', 'concurrent_users']) {
      expect(correlation(name), name).toBeGreaterThan(0.2);
    }
    expect(Math.abs(correlation('disk_io_mbps'))).toBeLessThan(0.05);
  });
});
