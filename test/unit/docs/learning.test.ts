import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../../bin/cli/program.ts';
import { getTrainer, trainerNames } from '../../../lib/learn/index.ts';
import { childrenOf } from '../../../lib/pipeline/stages/child-runs.ts';
import { seededRandom } from '../../../lib/table/index.ts';
import { examplePipeline } from '../../support/example-pipeline.ts';
import { pipelineWorld, runToEnd } from '../../support/pipeline.ts';

const page = await readFile('docs/learning.md', 'utf8');

/** Flats of tenants who moved once: a district that is sometimes unknown, a year that often is. */
function rents(): Uint8Array {
  const random = seededRandom(4);
  const districts = ['North', 'South', 'Old Town'];
  const rows = Array.from({ length: 240 }, (_, i) => {
    const district = Math.floor(random() * 3);
    const area = 30 + random() * 90;
    const built = 1900 + Math.floor(random() * 120);
    const rent = area * (8 + 3 * district) + (built - 1900) + 20 * random();
    const cells = [`t${i >> 1}`, random() < 0.1 ? 'NA' : districts[district], area.toFixed(1)];
    return [...cells, random() < 0.3 ? '' : built, rent.toFixed(0)].join(',');
  });
  return new TextEncoder().encode(`tenant,district,area,built,rent\n${rows.join('\n')}\n`);
}

it('has a pipeline that searches as it stands there, each candidate a child run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'arboleda-learning-'));
  try {
    const definition = await examplePipeline(page, folder);
    const world = pipelineWorld([definition], { rents: rents() });
    const run = await runToEnd(world.deps, 'rents');
    expect(run.error).toBeUndefined();
    expect(run.status).toBe('FINISHED');
    expect(run.metrics.r2).toBeGreaterThan(0.7);
    const children = await childrenOf(world.deps, run);
    expect(children.map(({ params }) => params.algorithm)).toEqual([
      ...Array.from({ length: 4 }, () => 'random-forest'),
      ...Array.from({ length: 3 }, () => 'gradient-boosting'),
    ]);
    for (const { runId, status, metrics, tags } of children) {
      expect([status, tags['mlflow.parentRunId']]).toEqual(['FINISHED', run.runId]);
      expect(metrics.cv_rmse).toBeGreaterThan(0);
      expect(metrics.cv_rmse_std).toBeGreaterThan(0);
      const { items } = await world.deps.runs.metricHistory('default', runId, 'fold_rmse', {});
      expect(items).toHaveLength(6);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** Rows of the table that follows a heading, each the code words of its first cell and its last cell. */
function tableAfter(heading: string): { names: string[]; last: string }[] {
  const lines = page.slice(page.indexOf(heading)).split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'));
  return lines.slice(first + 2, first + length).map((line) => {
    const cells = line.split('|').slice(1, -1);
    return {
      names: [...cells[0]!.matchAll(/`(?:--)?([\w-]+)[^`]*`/g)].map(([, name]) => name!),
      last: cells.at(-1)!.trim(),
    };
  });
}

describe('the page', () => {
  it('names every algorithm', () => {
    const told = tableAfter('## Algorithms').map(({ names }) => names[0]);
    expect(told.sort()).toEqual([...trainerNames].sort());
  });

  it.each(['random-forest', 'gradient-boosting'])('has the parameters of %s and their defaults', (name) => {
    const trainer = getTrainer(name);
    const defaults = trainer.parseParams({}) as Record<string, unknown>;
    const told = tableAfter(`**${name}**`);
    for (const { names, last } of told) {
      for (const param of names) {
        // A name that is known, whatever the value: only the value is refused.
        expect(() => trainer.parseParams({ [param]: Symbol('none') })).toThrow(/^(?!.*nrecognized)/s);
        if (param in defaults) expect(last, param).toBe(String(defaults[param]));
        else expect(last, param).not.toMatch(/^(true|false|[\d.]+)$/);
      }
    }
    expect(told.flatMap(({ names }) => names)).toEqual(expect.arrayContaining(Object.keys(defaults)));
  });

  it('has every option of train', () => {
    const train = buildProgram(false).commands.find((one) => one.name() === 'train')!;
    const told = tableAfter('## Judging and searching from a file').flatMap(({ names }) => names);
    const options = train.options.map(({ long }) => long!.replace('--', ''));
    const required = ['data', 'target', 'out'];
    expect(options.filter((name) => !told.includes(name) && !required.includes(name))).toEqual([]);
  });

  it('links only to what is there', async () => {
    const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path!);
    expect(links.length).toBeGreaterThan(2);
    for (const path of links) await expect(readFile(join('docs', path)), path).resolves.toBeDefined();
  });
});
