/** `npm run bench:learn`: ours against its peers, interleaved in fresh processes. See bench/README.md. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleContenders } from './bundle.ts';
import { type Case, cases } from './cases.ts';
import { datasetFolder, type Form } from './data/prepare.ts';
import { readHeader } from './data/store.ts';
import { measureFullSize } from './full-size.ts';
import { measureBaseline, measureGrowth } from './growth.ts';
import { machineFacts } from './machine.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { profileCases } from './profile/profile.ts';
import { peersPython } from './python.ts';
import { report } from './report.ts';
import { rawOf, readResults, type Stamp, versionsOf, writeResults } from './results.ts';
import { type RoundOptions, runRounds, turnsOf } from './rounds.ts';
import { summarise } from './summary.ts';
import { clock } from './text.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const cache = join(folder, '.cache');
const dataCache = join(cache, 'data');
const EXTRA_MINUTES = { growth: 2.5, baseline: 1.5, 'full-size': 2 };
const QUICK_ROUNDS = 3;
/** A run longer than this is ended and told: nothing here should take a quarter of it. */
const LIMIT_SECONDS = 600;
/** ml-random-forest goes on to the next size while a run takes no more than this. */
const BASELINE_SECONDS = 15;
const PROFILED = [
  'forest-cover',
  'generated-regression-100000x10',
  'boosting-generated-regression-100000x10',
];
const QUICK_PROFILED = ['california', 'generated-classification7-10000x10', 'boosting-california'];

const began = performance.now();
const say = (line: string): void => console.log(`[${clock((performance.now() - began) / 1000)}] ${line}`);

/** Makes a data set in a process of its own; undefined where its file is not on this machine. */
function dataFolder(name: string, form: Form = 'native'): string | undefined {
  mkdirSync(dataCache, { recursive: true });
  const script = join(folder, 'data', 'prepare.ts');
  const { status } = spawnSync(process.execPath, [script, name, dataCache], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status === 3) return undefined;
  if (status !== 0) throw new Error(`the data set ${name} could not be made`);
  return datasetFolder(dataCache, name, form);
}

function stampSince(start: number, versions: Record<string, string>, machine: Stamp['machine']): Stamp {
  const day = new Date().toISOString().slice(0, 10);
  return { day, machine, versions, wallSeconds: Math.round((performance.now() - start) / 1000) };
}

async function runCase(one: Case, options: Options, tools: RoundOptions) {
  const rows = `rounds ${tools.rounds}, threads ${options.threads.join(' and ')}`;
  const series = await runRounds(
    turnsOf(one, options.threads, (form) => datasetFolder(dataCache, one.data, form)),
    { ...tools, say: (line) => tools.say(`${one.name}: ${line}`) },
  );
  const peer = one.kind === 'forest' ? 'scikit-learn' : 'LightGBM';
  const header = readHeader(datasetFolder(dataCache, one.data, 'native'));
  const size = `${header.rows.train.toLocaleString('en')} training rows, ${header.rows.test.toLocaleString('en')} test rows, ${header.features.length} columns`;
  return {
    versions: versionsOf(series),
    settings: `${size}; ${one.settings}; ${rows}`,
    lines: summarise(series, peer),
    raw: series.map(rawOf),
  };
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  const machine = machineFacts();
  const chosen = cases.filter(({ name, quick }) =>
    options.only.length > 0 ? options.only.includes(name) : !options.quick || quick,
  );
  const extra = (name: keyof typeof EXTRA_MINUTES): boolean =>
    options.only.length > 0 ? options.only.includes(name) : !(options.quick && name === 'full-size');
  const python = options.profile ? '' : peersPython(say);
  const out = options.quick ? join(cache, 'quick') : join(folder, 'results');
  const results = readResults(out);
  const title = options.quick ? 'Learning: a quick look' : 'Learning: results';
  const keep = (): void => writeResults(out, results, report(results, title));
  const bundles = await bundleContenders(
    fileURLToPath(new URL('../..', import.meta.url)),
    join(cache, 'bundles'),
  );
  const tools: RoundOptions = { python, bundles, say, rounds: QUICK_ROUNDS, limitSeconds: LIMIT_SECONDS };
  const folderOf = async (name: string): Promise<string> => dataFolder(name)!;

  if (loadavg()[0]! > 0.7 * machine.cores)
    say(`the machine is busy (load ${machine.load}): figures will be blurred`);
  if (options.profile) {
    const start = performance.now();
    const names = options.only.length > 0 ? options.only : options.quick ? QUICK_PROFILED : PROFILED;
    const found = cases
      .filter(({ name }) => names.includes(name))
      .flatMap((from) => [dataFolder(from.data)].flatMap((path) => (path ? [{ from, folder: path }] : [])));
    const profiled = await profileCases(found, { python, bundles, cache, say });
    results.profile = { ...stampSince(start, {}, machine), results: profiled };
    keep();
    return finish(out, report({ cases: {}, profile: results.profile }, title));
  }
  const minutes = expectedMinutes(chosen, options) + extraMinutes(extra, options.quick);
  say(`${chosen.length} cases; about ${Math.ceil(minutes)} minutes on two quiet cores`);
  for (const [i, one] of chosen.entries()) {
    if (dataFolder(one.data) === undefined) {
      say(`${one.name} left out: its file is not here (ARBOLEDA_DATA names the folder)`);
      continue;
    }
    say(`case ${i + 1} of ${chosen.length}: ${one.name} (${one.settings})`);
    const start = performance.now();
    const rounds = options.runs ?? (options.quick ? QUICK_ROUNDS : one.runs);
    const { versions, ...rest } = await runCase(one, options, { ...tools, rounds });
    results.cases[one.name] = { ...stampSince(start, versions, machine), ...rest };
    keep();
  }
  if (extra('growth')) {
    const start = performance.now();
    const lines = await measureGrowth(options.quick, { ...tools, folderOf });
    results.growth = { ...stampSince(start, {}, machine), lines };
    keep();
  }
  if (extra('baseline')) {
    const start = performance.now();
    const line = await measureBaseline(options.quick ? 2 : BASELINE_SECONDS, { ...tools, folderOf });
    results.baseline = { ...stampSince(start, {}, machine), line };
    keep();
  }
  if (extra('full-size') && dataFolder('forest-cover-full') !== undefined) {
    const start = performance.now();
    say('full size: 581,012 rows, 100 trees');
    const formFolder = (form: Form): string => datasetFolder(dataCache, 'forest-cover-full', form);
    const result = await measureFullSize(formFolder, tools);
    results.fullSize = { ...stampSince(start, {}, machine), result };
    keep();
  }
  finish(out, report(results, title));
}

function expectedMinutes(chosen: readonly Case[], { threads, runs, quick }: Options): number {
  return chosen.reduce((sum, { minutes, runs: own }) => {
    const rounds = runs ?? (quick ? QUICK_ROUNDS : own);
    return sum + (minutes * rounds * threads.length) / own / 2;
  }, 0);
}

function extraMinutes(wanted: (name: keyof typeof EXTRA_MINUTES) => boolean, quick: boolean): number {
  const names = (Object.keys(EXTRA_MINUTES) as (keyof typeof EXTRA_MINUTES)[]).filter(wanted);
  return names.reduce((sum, name) => sum + EXTRA_MINUTES[name] * (quick ? 0.25 : 1), 0);
}

function finish(out: string, text: string): void {
  console.log(`\n${text}`);
  say(`written to ${join(out, 'README.md')} and results.json`);
}

await main();
