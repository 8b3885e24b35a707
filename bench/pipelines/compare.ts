/**
 * Every pipeline beside scikit-learn on the very same rows, over several seeds:
 *   npm run bench:pipelines [-- --pipeline NAME ... --seeds 5 --python PATH]
 * Each seed draws the split anew and trains both libraries on it; the figures are on its test rows.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { PipelineDefinition } from '../../lib/pipeline/index.ts';
import { machineFacts } from '../learn/machine.ts';
import { peersPython } from '../learn/python.ts';
import { judgeAll } from './judge.ts';
import { allPipelines, exportSplits, runInMemory } from './open.ts';
import { type Compared, comparedText, type Figures, FOREST, LINEAR } from './report.ts';

const results = fileURLToPath(new URL('results/', import.meta.url));
const say = (line: string) => process.stderr.write(`${line}\n`);
// The stages log as they do in a function.
console.log = () => undefined;

const { values } = parseArgs({
  options: {
    pipeline: { type: 'string', multiple: true, default: [] },
    seeds: { type: 'string', default: '5' },
    python: { type: 'string' },
  },
});
const python = values.python ?? peersPython(say);
const known = await allPipelines();
const chosen =
  values.pipeline.length === 0 ? known : known.filter(({ name }) => values.pipeline.includes(name));
if (chosen.length < values.pipeline.length) {
  throw new Error(`the pipelines are ${known.map(({ name }) => name).join(', ')}`);
}

interface Labelled {
  label: string;
  metrics: Figures;
}
interface Round {
  ours: Labelled[];
  peer: Peer;
}
/** What sklearn_peer.py prints. */
interface Peer {
  sklearn: string;
  trainRows: number;
  testRows: number;
  linear?: Figures;
  forest: Record<string, { mean: number }>;
}

await mkdir(results, { recursive: true });
let compared: Compared[] = JSON.parse(
  await readFile(join(results, 'results.json'), 'utf8').catch(() => '[]'),
);
for (const definition of chosen) {
  const { name } = definition;
  const rounds: Round[] = [];
  for (let seed = 0; seed < Number(values.seeds); seed++) {
    say(`${name}: seed ${seed}`);
    rounds.push(await round(definition, seed));
  }
  const [first] = rounds;
  if (first === undefined) throw new Error('--seeds is 1 or more');
  const { sklearn, trainRows, testRows } = first.peer;
  const entry: Compared = {
    pipeline: name,
    day: new Date().toISOString().slice(0, 10),
    machine: machineFacts(),
    versions: { 'scikit-learn': sklearn },
    seeds: rounds.length,
    trainRows,
    testRows,
    ours: byLabel(rounds.map(({ ours }) => ours)),
    peers: byLabel(rounds.map(({ peer }) => peerFigures(peer))),
  };
  compared = [...compared.filter(({ pipeline }) => pipeline !== name), entry];
  compared.sort((a, b) => a.pipeline.localeCompare(b.pipeline, 'en'));
  await writeFile(join(results, 'results.json'), `${JSON.stringify(compared, null, 1)}\n`);
  await writeFile(join(results, 'README.md'), comparedText(compared));
  process.stdout.write(comparedText([entry]));
}

/** Both libraries on one split. */
async function round(definition: PipelineDefinition, seed: number): Promise<Round> {
  const folder = await mkdtemp(join(tmpdir(), 'arboleda-splits-'));
  try {
    const ran = await runInMemory(definition, { seed, to: 'evaluate' });
    await exportSplits(ran, folder);
    const script = fileURLToPath(new URL('sklearn_peer.py', import.meta.url));
    const answer = execFileSync(python, [script, folder, String(seed)], { encoding: 'utf8' });
    return { ours: await judgeAll(ran), peer: JSON.parse(answer) as Peer };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function peerFigures({ forest, linear }: Peer): Labelled[] {
  const metrics = Object.fromEntries(Object.entries(forest).map(([name, { mean }]) => [name, mean]));
  return [{ label: FOREST, metrics }, ...(linear === undefined ? [] : [{ label: LINEAR, metrics: linear }])];
}

/** One record a seed under each label. */
function byLabel(rounds: readonly Labelled[][]): Record<string, Figures[]> {
  const groups = Map.groupBy(rounds.flat(), ({ label }) => label);
  return Object.fromEntries(
    [...groups].map(([label, found]) => [label, found.map(({ metrics }) => metrics)]),
  );
}
