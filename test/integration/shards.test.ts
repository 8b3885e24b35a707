import { afterAll, describe, expect, inject, it } from 'vitest';
import { admin, finishRun, raw, stageOf } from './support/api.ts';
import { pushAmes } from './support/houses.ts';

const stack = inject('stack');
const FUNCTION = `${stack.endpoint}/2015-03-31/functions/arboleda-dev-plan`;

/** What plan is told: the emulator's Lambda API, whose signatures it does not check. */
async function planVariables(): Promise<Record<string, string>> {
  const answer = await fetch(`${FUNCTION}/configuration`);
  const { Environment } = (await answer.json()) as { Environment: { Variables: Record<string, string> } };
  return Environment.Variables;
}

async function tellPlan(Variables: Record<string, string>): Promise<void> {
  const answer = await fetch(`${FUNCTION}/configuration`, {
    method: 'PUT',
    body: JSON.stringify({ Environment: { Variables } }),
  });
  expect(answer.status).toBe(200);
}

describe('a forest that is split over functions', () => {
  let before: Record<string, string> | undefined;
  afterAll(async () => {
    if (before) await tellPlan(before);
  });

  it('is merged by the state machine into the bytes that one function writes', async () => {
    await pushAmes();
    const whole = await finishRun('housing', { force: true });
    expect(whole.stages.filter(({ item }) => item?.includes('of'))).toEqual([]);
    before = await planVariables();
    const limits = JSON.parse(before.ARBOLEDA_TRAINING ?? '{}');
    // Ten milliseconds more than what plan counts for the beginning: each function may take some of the trees only.
    await tellPlan({ ...before, ARBOLEDA_TRAINING: JSON.stringify({ ...limits, seconds: 5.01 }) });
    const split = await finishRun('housing', { force: true });
    expect(split.status).toBe('FINISHED');
    const shards = split.stages.filter(({ stage, item }) => stage === 'train' && item?.startsWith('1_'));
    expect(shards.length).toBeGreaterThan(1);
    expect(shards.every(({ status }) => status === 'DONE')).toBe(true);
    const [one, many] = [stageOf(whole, 'train', '1'), stageOf(split, 'train', '1')];
    expect(many?.status).toBe('DONE');
    expect(many?.outputs.modelSha256).toBe(one?.outputs.modelSha256);
    expect(split.metrics).toEqual(whole.metrics);
    expect(split.tags['training.plan']).toMatch(/random-forest: \d+ shards, 2 threads/);
    const logs = await raw('GET', `/runs/${split.runId}/logs?stage=train`);
    expect(logs.text).toMatch(/trained on \d threads?: \d+/);
    const models = await admin().get<{ artifacts: { path: string }[] }>(`/runs/${split.runId}/artifacts`);
    expect(models.artifacts.map(({ path }) => path)).toContain('training.json');
  });
});
