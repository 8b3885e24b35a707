import { beforeEach, describe, expect, it } from 'vitest';
import { linearRegression, minMaxScale, type PipelineDefinition } from '../../../lib/pipeline/index.ts';
import { tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { type PipelineWorld, pipelineWorld, runToEnd } from '../../support/pipeline.ts';

/** What DVC's `repro` gave: after an edit only that is run again which the edit reaches. */
let world: PipelineWorld;
beforeEach(async () => {
  world = pipelineWorld([tinyHouses()], { 'tiny-houses': tinyHousesCsv() });
  expect((await runToEnd(world.deps, 'tiny-houses')).status).toBe('FINISHED');
});

/** Runs an edited definition over what is there; names the stages that worked, items of train by their number. */
async function workedAfter(edited: PipelineDefinition, csv = tinyHousesCsv()): Promise<string[]> {
  const { catalog } = pipelineWorld([edited]).deps;
  const run = await runToEnd({ ...world.deps, catalog, repoFile: async () => csv }, 'tiny-houses');
  expect(run.status).toBe('FINISHED');
  const records = await world.deps.stages.list('default', run.runId);
  return records
    .filter(({ stage, item, status }) => status === 'DONE' && stage !== 'plan' && (stage !== 'train' || item))
    .map(({ stage, item }) => (item === undefined ? stage : `${stage}[${item}]`));
}

describe('an edit runs again only what it reaches', () => {
  it('nothing where nothing changed; promote asks anew who holds the alias', async () => {
    expect(await workedAfter(tinyHouses())).toEqual(['promote']);
  });

  it('the one candidate and what follows, for a parameter of training', async () => {
    const candidates = [linearRegression(), linearRegression({ alpha: 0.5 })];
    // The plain candidate stays the best: what was evaluated has changed, the version has not.
    expect(await workedAfter(tinyHouses({ candidates }))).toEqual(['train[1]', 'evaluate', 'promote']);
  });

  it('also the registration, where the parameter makes another model the best', async () => {
    const candidates = [linearRegression({ fitIntercept: false }), linearRegression({ alpha: 0.5 })];
    expect(await workedAfter(tinyHouses({ candidates }))).toEqual([
      'train[0]',
      'train[1]',
      'evaluate',
      'register',
      'promote',
    ]);
  });

  it('clean and all that follows, for a step of cleaning', async () => {
    expect(await workedAfter(tinyHouses({ clean: [minMaxScale('numeric')] }))).toEqual([
      'clean',
      'train[0]',
      'train[1]',
      'evaluate',
      'register',
      'promote',
    ]);
  });

  it('evaluate alone, for a metric of its own', async () => {
    expect(await workedAfter(tinyHouses({ metrics: () => ({ answer: 42 }) }))).toEqual([
      'evaluate',
      'promote',
    ]);
  });

  it('evaluate alone, for what it selects by', async () => {
    expect(await workedAfter(tinyHouses({ select: { metric: 'mae' } }))).toEqual(['evaluate', 'promote']);
  });

  it('nothing, for the schedule or a description', async () => {
    const edited = tinyHouses({ schedule: 'rate(1 day)', description: 'other words' });
    expect(await workedAfter(edited)).toEqual(['promote']);
  });

  it('ingest alone, for a file that differs in nothing but its form', async () => {
    const text = new TextDecoder().decode(tinyHousesCsv());
    const quoted = text.replace('area,age,price', '"area","age","price"');
    expect(await workedAfter(tinyHouses(), new TextEncoder().encode(quoted))).toEqual(['ingest', 'promote']);
  });
});
