import { alarms, type Setting, type Shift } from './simulate.ts';

/**
 * How often the monitor alarms where nothing drifted, and where something did:
 * `node bench/drift/run.ts [SIMULATIONS] > bench/drift/results.md`. Seeded: the same table each time.
 */
const simulations = Number(process.argv[2] ?? 1000);
const SEED = 20261122;

const base = { training: 2000, features: 10 };
const none: Setting[] = [50, 100, 200, 1000, 5000].flatMap((rows) => [
  { ...base, rows, shift: { kind: 'none' as const } },
]);
const shapes: Setting[] = [
  { training: 200, features: 10, rows: 200, shift: { kind: 'none' } },
  { training: 2000, features: 50, rows: 500, shift: { kind: 'none' } },
];
const shifts: Shift[] = [
  { kind: 'mean', by: 0.15 },
  { kind: 'mean', by: 0.5 },
  { kind: 'mean', by: 1 },
  { kind: 'spread', by: 1.5 },
  { kind: 'spread', by: 2 },
  { kind: 'share', by: 0.1 },
  { kind: 'share', by: 0.2 },
  { kind: 'missing', by: 0.05 },
  { kind: 'missing', by: 0.1 },
  { kind: 'new', by: 0.02 },
  { kind: 'new', by: 0.05 },
];
const planted: Setting[] = shifts.flatMap((shift) => [200, 1000].map((rows) => ({ ...base, rows, shift })));

const WORDS: Record<Shift['kind'], (by: number) => string> = {
  none: () => 'nothing',
  mean: (by) => `a number's mean by ${by} standard deviations`,
  spread: (by) => `a number's spread times ${by}`,
  share: (by) => `${100 * by} % of the rows go to another category`,
  missing: (by) => `${100 * by} % of a number is missing`,
  new: (by) => `${100 * by} % of the rows have a new category`,
};

console.log(`# False alarms and detection, ${simulations} simulations each\n`);
console.log(
  '`node bench/drift/run.ts 1000 > bench/drift/results.md`; the bounds are those of lib/serving/drift/types.ts.\n',
);
console.log('| what changed | training rows | features | recent rows | alarms | share |');
console.log('|---|---|---|---|---|---|');
for (const [i, setting] of [...none, ...shapes, ...planted].entries()) {
  const found = alarms(setting, simulations, SEED + i);
  const by = 'by' in setting.shift ? setting.shift.by : 0;
  const cells = [WORDS[setting.shift.kind](by), setting.training, setting.features, setting.rows, found];
  console.log(`| ${cells.join(' | ')} | ${((100 * found) / simulations).toFixed(1)} % |`);
}
