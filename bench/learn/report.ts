/** The results as Markdown: results/README.md, and what the terminal shows at the end. */
import { judge, judgeBaseline, judgeFullSize, judgeGrowth, type Verdict } from './bars.ts';
import { cases } from './cases.ts';
import { type GrowthLine, linearithmic } from './growth.ts';
import type { ProfileResult } from './profile/result.ts';
import type { Results, Stamp } from './results.ts';
import type { Line, Score } from './summary.ts';
import { bytesText, clock, digits, markdownTable, times } from './text.ts';

const SCORE_NAMES: Record<Score['name'], string> = {
  accuracy: 'accuracy',
  logLoss: 'log loss',
  r2: 'R2',
  rmse: 'RMSE',
};

/** The whole report, of whatever sections there are. */
export function report(results: Results, title: string): string {
  const sections = [`# ${title}`, INTRODUCTION];
  const known = cases.filter(({ name }) => results.cases[name] !== undefined);
  const verdicts = [
    ...known.flatMap((one) => judge(one, results.cases[one.name]!.lines)),
    ...judgeGrowth(results.growth?.lines ?? []),
    ...(results.baseline ? judgeBaseline(results.baseline.line) : []),
    ...(results.fullSize ? judgeFullSize(results.fullSize.result) : []),
  ];
  if (verdicts.length > 0) sections.push('## Bars', barsTable(verdicts));
  for (const kind of ['forest', 'boosting'] as const) {
    const own = known.filter((one) => one.kind === kind);
    if (own.length === 0) continue;
    sections.push(kind === 'forest' ? '## Random forest' : '## Gradient boosting');
    for (const { name } of own) {
      const { settings, lines, ...stamp } = results.cases[name]!;
      sections.push(`### ${name}`, `${settings}.${stampText(stamp)}`, caseTable(lines), scoreTable(lines));
    }
  }
  if (results.growth) {
    sections.push('## Growth of training time', stampText(results.growth).trim(), GROWTH_NOTE);
    sections.push(...results.growth.lines.flatMap(growthSection));
  }
  if (results.baseline) {
    sections.push('## ml-random-forest, as far as it gets', stampText(results.baseline).trim());
    sections.push(...baselineSection(results.baseline.line));
  }
  if (results.fullSize) sections.push(...fullSizeSection(results));
  if (results.profile) {
    sections.push('## Where the time goes', stampText(results.profile).trim(), PROFILE_NOTE);
    sections.push(...results.profile.results.flatMap(profileSection));
  }
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

const INTRODUCTION = `Written by \`npm run bench:learn\`; [bench/README.md](../../README.md) says what is compared and how. Medians of fresh
processes in turn. Training is the call of fit alone; "cpu" is the processor time of all threads during it. "times" is
how many times faster than the peer. "*" marks one-thread runs whose clock showed 15 % more than their processor time:
others were using the machine, so compare the cpu column there.`;

const GROWTH_NOTE = 'Exponents by least squares of log seconds on log size; one thread, medians.';

const PROFILE_NOTE = `One thread. Shares are of samples taken in a build of the kernels with names and without inlining. A visit is a row
asked for one feature in a node; its time is all of training (bins and assembly too) by the visits, counted in a
training without bootstrap; where a larger child's histogram is its parent's less its sister's, its rows count as visits all
the same. The bare loop does nothing but add a row to a histogram.`;

function stampText({ day, machine, versions, wallSeconds }: Stamp): string {
  const others = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return ` ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}; ${[`Node ${machine.node}`, ...others].join(', ')}; commit ${machine.commit}, ${day}; load before ${machine.load}; took ${clock(wallSeconds)}.`;
}

const barsTable = (verdicts: readonly Verdict[]): string =>
  markdownTable(
    ['case', 'asked', 'measured', 'met'],
    verdicts.map(({ case: name, bar, measured, met }) => [name, bar, measured, met ? 'yes' : '**no**']),
  );

/** Speed, memory, file and prediction of each contender. */
export function caseTable(lines: readonly Line[]): string {
  const milliseconds = (seconds?: number): string =>
    digits(seconds === undefined ? undefined : seconds * 1e3);
  return markdownTable(
    [
      ...['contender', 'threads', 'runs', 'train s', 'cpu s', 'times', 'times (cpu)', 'times own 1 thread'],
      ...['peak memory', 'of it training', 'file', 'load ms', '10,000 rows ms', 'times', 'one row us'],
    ],
    lines.map((line) => [
      line.contender,
      String(line.threads),
      String(line.runs),
      digits(line.fitSeconds) + (line.disturbed ? '*' : ''),
      digits(line.fitCpuSeconds),
      times(line.timesPeer),
      times(line.timesPeerCpu),
      times(line.timesOneThread),
      bytesText(line.rssPeak),
      bytesText(line.rssAdded),
      bytesText(line.fileBytes),
      milliseconds(line.loadSeconds),
      milliseconds(line.batchSeconds),
      times(line.batchTimesPeer),
      digits(line.rowSeconds === undefined ? undefined : line.rowSeconds * 1e6),
    ]),
  );
}

function scoreTable(lines: readonly Line[]): string {
  const single = lines.filter(({ threads, scores }) => threads === 1 && scores.length > 0);
  if (single.length === 0) return '';
  return markdownTable(
    ['contender', 'score', 'mean', 'standard error', "against the peer's"],
    single.flatMap(({ contender, scores }) =>
      scores.map(({ name, mean, standardError, standing }) => [
        contender,
        SCORE_NAMES[name],
        digits(mean, 5),
        digits(standardError, 2),
        standing ?? '-',
      ]),
    ),
  );
}

const named = (line: GrowthLine): string[] => [
  ...new Set(line.points.flatMap(({ seconds }) => Object.keys(seconds))),
];

const pointsTable = (line: GrowthLine, ratios: readonly (readonly [slow: string, fast: string])[]): string =>
  markdownTable(
    [
      line.over,
      ...named(line).map((name) => `${name} s`),
      ...ratios.map(([slow, fast]) => `${slow} / ${fast}`),
    ],
    line.points.map(({ size, seconds }) => [
      size.toLocaleString('en'),
      ...named(line).map((name) => digits(seconds[name])),
      ...ratios.map(([slow, fast]) => times(seconds[slow]! / seconds[fast]!)),
    ]),
  );

function growthSection(line: GrowthLine): string[] {
  const laws = Object.entries(line.laws).map(
    ([name, { exponent, exponentError }]) => `${name} ${exponent.toFixed(2)} ± ${exponentError.toFixed(2)}`,
  );
  const against =
    line.over === 'rows'
      ? `; n log n is ${linearithmic(line.points.map(({ size }) => size)).toFixed(2)} between these sizes`
      : '';
  return [
    `### In ${line.over} (${line.at})`,
    pointsTable(line, [['scikit-learn', 'ours']]),
    `Exponents: ${laws.join(', ')}${against}.`,
  ];
}

function baselineSection(line: GrowthLine): string[] {
  const laws = Object.entries(line.laws).map(([name, { exponent }]) => `${name} ${exponent.toFixed(2)}`);
  return [
    `${line.at}; one thread.`,
    pointsTable(line, [
      ['ml-random-forest', 'ours'],
      ['ml-random-forest', 'scikit-learn'],
    ]),
    ...(laws.length > 0 ? [`Exponents: ${laws.join(', ')}.`] : []),
  ];
}

function fullSizeSection({ fullSize }: Results): string[] {
  const { lines, extrapolated, withinMemory } = fullSize!.result;
  const six = extrapolated.map(
    ({ contender, serial, seconds }) =>
      `- ${contender}: ${digits(serial)} s that do not divide, **${digits(seconds)} s on 6 cores**`,
  );
  return [
    '## Full size: 581,012 x 54, 100 trees',
    `forest-cover's training rows resampled with jitter to the size of the whole data set, judged on the real test rows. One run each.${stampText(fullSize!)}`,
    caseTable(lines),
    scoreTable(lines),
    `Peak memory ${withinMemory ? 'stays' : 'does **not** stay'} below 10 GB.`,
    `Extrapolated, not measured: a function of 10 GB has 6 vCPU. By Amdahl's law t(6) = s + (t(1) - s) / 6 with
s = 2 t(2) - t(1), if each vCPU is as fast as a core here. A vCPU is a hyperthread, and memory is shared, so expect
1 to 1.6 times as much:`,
    six.join('\n'),
  ];
}

function profileSection(result: ProfileResult): string[] {
  const { limits, nanosecondsPerVisit, cyclesPerVisit } = result;
  const waiting = Math.max(0, 100 * (1 - limits.countInOrder / limits.countScattered)).toFixed(0);
  const histogram = result.phases.find(({ phase }) => phase === 'histogram')?.share ?? 0;
  return [
    `### ${result.case}`,
    `${digits(result.seconds)} s as shipped, ${digits(result.namedSeconds)} s in the build with names.`,
    markdownTable(
      ['phase', 'share', 's'],
      result.phases.map(({ phase, share, seconds }) => [
        phase,
        `${(share * 100).toFixed(1)} %`,
        digits(seconds),
      ]),
    ),
    `Heaviest functions: ${result.functions.map(({ name, seconds }) => `${name} ${digits(seconds, 2)} s`).join(', ')}.`,
    `${digits(result.visits / 1e6)} million visits; ${digits(nanosecondsPerVisit)} ns each in all${
      cyclesPerVisit === undefined ? '' : ` (${digits(cyclesPerVisit)} cycles)`
    }, of which the histogram ${digits(histogram * nanosecondsPerVisit)} ns. The bare loop takes ${digits(limits.countInOrder)} ns with rows in order, ${digits(limits.countScattered)} ns scattered; memory copies ${digits(limits.copyBytesPerSecond / 1e9)} GB/s. So training is ${digits(nanosecondsPerVisit / limits.countInOrder)} times the bare loop in order, ${digits(nanosecondsPerVisit / limits.countScattered)} times the scattered one: of a scattered count ${waiting} % is waiting for memory.`,
  ];
}
