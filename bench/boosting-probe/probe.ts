/**
 * Ours against LightGBM, interleaved, in fresh processes: probe.ts PYTHON DATA [--runs 5] [--rounds 100] [--threads 1]
 * [--only NAME,...]. DATA is what prepare.py wrote. Times are medians of CPU seconds (others may load the machine) and
 * the least wall seconds.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '100' },
    threads: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const [python, data] = positionals;
interface Fit {
  cpu: number;
  wall: number;
  loss: number;
  score: number;
}
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const run = (program: string, script: string, folder: string): Fit =>
  JSON.parse(
    execFileSync(program, [script, folder, values.rounds, values.threads], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as Fit;
const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1]!;
const names = values.only?.split(',') ?? readdirSync(data!).sort();

console.log(
  'data | ours cpu s | LightGBM cpu s | LightGBM / ours | least wall: ours, LightGBM, ratio | loss: ours, LightGBM | score: ours, LightGBM',
);
for (const name of names) {
  const [ours, peer]: [Fit[], Fit[]] = [[], []];
  for (let i = 0; i < Number(values.runs); i++) {
    ours.push(run(process.execPath, here('./ours.ts'), join(data!, name)));
    peer.push(run(python!, here('./peer.py'), join(data!, name)));
  }
  const cpu = [ours, peer].map((fits) => median(fits.map((fit) => fit.cpu)));
  const wall = [ours, peer].map((fits) => Math.min(...fits.map((fit) => fit.wall)));
  const line = [
    name,
    ...cpu.map((seconds) => seconds.toFixed(3)),
    (cpu[1]! / cpu[0]!).toFixed(2),
    `${wall.map((seconds) => seconds.toFixed(3)).join(' ')} ${(wall[1]! / wall[0]!).toFixed(2)}`,
    [ours, peer].map((fits) => fits[0]!.loss.toPrecision(5)).join(' '),
    [ours, peer].map((fits) => fits[0]!.score.toFixed(4)).join(' '),
  ];
  console.log(line.join(' | '));
}
