import { beforeEach, describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../lib/errors/index.ts';
import {
  RunInProgressError,
  requireStages,
  STEPS,
  type Step,
  startStep,
  stepOf,
} from '../../../lib/pipeline/control/index.ts';
import { atLeast } from '../../../lib/pipeline/index.ts';
import { MissingStageError } from '../../../lib/pipeline/run-stage.ts';
import { WORK_STAGES } from '../../../lib/pipeline/stages/plan.ts';
import { tinyHouses, tinyHousesCsv } from '../../support/definitions.ts';
import { execute, type PipelineWorld, pipelineWorld } from '../../support/pipeline.ts';

let world: PipelineWorld;
let csv: Uint8Array;
beforeEach(() => {
  csv = tinyHousesCsv();
  world = pipelineWorld([tinyHouses()], {}, { repoFile: async () => csv });
});

const start = (step: Step, options: { identity?: string; force?: boolean } = {}) =>
  startStep(world.deps, 'default', 'tiny-houses', step, { trigger: 'caller', actor: 'test', ...options });

/** Starts a step and drives it to its end; which stages did something, by what they did. */
async function run(step: Step, options: { force?: boolean } = {}) {
  const { runId, attempt } = await start(step, options);
  const ended = await execute(world.deps, { workspace: 'default', runId, attempt });
  const records = (await world.deps.stages.list('default', runId)).filter(({ item }) => item === undefined);
  const ran = records.filter(
    ({ note }) => !note?.startsWith('not asked for') && !note?.startsWith('will run'),
  );
  return { run: ended, ran: Object.fromEntries(ran.map(({ stage, status }) => [stage, status])) };
}
const refusal = async (step: Step): Promise<MissingStageError> =>
  start(step).then(
    () => expect.fail(`${step} was started`),
    (error) => error as MissingStageError,
  );

describe('the four steps', () => {
  it('hold every stage once, in order', () => {
    expect(WORK_STAGES.map(stepOf)).toEqual(['ingest', 'clean', 'train', 'train', 'register', 'register']);
  });

  it('one after the other do what a whole run does', async () => {
    const done = [];
    for (const step of STEPS) {
      const { run: ended, ran } = await run(step);
      expect(ended.error).toBeUndefined();
      done.push(ran);
    }
    expect(done).toEqual([
      { ingest: 'DONE' },
      { clean: 'DONE' },
      { train: 'DONE', evaluate: 'DONE' },
      { register: 'DONE', promote: 'DONE' },
    ]);
    expect((await world.deps.registry.getModel('default', 'tiny-houses')).aliases).toEqual({
      production: '1',
    });
  });

  it('skip what is unchanged, unless forced', async () => {
    await run('ingest');
    expect((await run('ingest')).ran).toEqual({ ingest: 'SKIPPED' });
    expect((await run('ingest', { force: true })).ran).toEqual({ ingest: 'DONE' });
  });

  it('ask the gate at register, and leave the alias where it is closed', async () => {
    const definition = tinyHouses({ promote: { to: 'production', when: atLeast(1e-9) } });
    world = pipelineWorld([definition], {}, { repoFile: async () => csv });
    for (const step of STEPS) await run(step);
    const model = await world.deps.registry.getModel('default', 'tiny-houses');
    expect([model.latestVersion, model.aliases]).toEqual([1, {}]);
  });
});

describe('the order', () => {
  it.each([
    ['clean', ['ingest']],
    ['train', ['ingest', 'clean']],
    ['register', ['ingest', 'clean', 'train']],
  ] as const)('refuses %s in an empty pipeline, naming %j, and writes nothing', async (step, missing) => {
    const error = await refusal(step);
    expect([error.code, error.status]).toEqual(['MISSING_STAGE', 409]);
    const call = missing.map((one) => `POST /pipelines/tiny-houses/stages/${one}`);
    expect(error.details).toEqual({ missing, call });
    expect(error.remedy).toContain(call[0]);
    expect(world.items.writes).toBe(0);
  });

  it('names only what is missing still', async () => {
    await run('ingest');
    expect((await refusal('train')).message).toBe('train of pipeline tiny-houses needs clean first');
  });

  it('wants the data cleaned again after other data came in, and is content where the same came in', async () => {
    for (const step of STEPS) await run(step);
    await run('ingest', { force: true });
    expect((await run('train')).ran).toEqual({ train: 'SKIPPED', evaluate: 'SKIPPED' });

    csv = tinyHousesCsv(150);
    const { run: ingested } = await run('ingest', { force: true });
    expect(ingested.tags['data.rows']).toBe('150');
    const error = await refusal('train');
    expect(error.message).toContain(`older result of ingest than that of run ${ingested.runId}`);
    expect(error.details).toMatchObject({ missing: ['clean'] });
    expect((await refusal('register')).details).toMatchObject({ missing: ['clean', 'train'] });
    await run('clean');
    expect((await refusal('register')).details).toMatchObject({ missing: ['train'] });
    expect((await run('train')).ran).toEqual({ train: 'DONE', evaluate: 'DONE' });
    expect((await run('register')).run.status).toBe('FINISHED');
  });

  it('says that a run is at work rather than that its result is missing', async () => {
    const { runId } = await start('ingest');
    const error = await start('clean').catch((caught) => caught);
    expect(error).toBeInstanceOf(RunInProgressError);
    expect(error.details).toEqual({ runId });
  });

  it('knows no step of an unknown pipeline', async () => {
    const options = { trigger: 'caller' as const, actor: 'test' };
    await expect(startStep(world.deps, 'default', 'nowhere', 'clean', options)).rejects.toThrow(
      NotFoundError,
    );
  });

  it('is kept by workspace', async () => {
    await run('ingest');
    const options = { trigger: 'caller' as const, actor: 'test' };
    await expect(startStep(world.deps, 'other', 'tiny-houses', 'clean', options)).rejects.toThrow(
      MissingStageError,
    );
  });
});

describe('an identity', () => {
  it('is the same run of the same step, and another of another step', async () => {
    const first = await start('ingest', { identity: 'order-17' });
    await execute(world.deps, { workspace: 'default', runId: first.runId, attempt: 1 });
    expect(await start('ingest', { identity: 'order-17' })).toMatchObject({
      runId: first.runId,
      created: false,
      status: 'FINISHED',
    });
    const second = await start('clean', { identity: 'order-17' });
    expect(second.created).toBe(true);
    expect(second.runId).not.toBe(first.runId);
  });

  it('is answered though the run that it started is at work', async () => {
    const first = await start('ingest', { identity: 'order-17' });
    expect(await start('ingest', { identity: 'order-17' })).toMatchObject({
      runId: first.runId,
      created: false,
    });
  });
});

describe('requireStages', () => {
  it('tells what a prediction lacks until all was run', async () => {
    const lacking = () =>
      requireStages(world.deps, 'default', 'tiny-houses').then(
        () => [],
        (error) => error.details.missing,
      );
    const seen = [await lacking()];
    for (const step of STEPS) {
      await run(step);
      seen.push(await lacking());
    }
    expect(seen).toEqual([
      ['ingest', 'clean', 'train', 'register'],
      ['clean', 'train', 'register'],
      ['train', 'register'],
      ['register'],
      [],
    ]);
  });
});
