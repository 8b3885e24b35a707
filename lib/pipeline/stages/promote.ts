import { ArboledaError, ConflictError, TransientError } from '../../errors/index.ts';
import { evaluate, metricDirection, readModelFile, toMatrix, toTarget } from '../../learn/index.ts';
import { applyPreprocessing } from '../../table/index.ts';
import { ownModel, PRODUCTION_ALIAS, StagingRequiredError, snapshotRun } from '../../tracking/index.ts';
import type { Gate } from '../definition/index.ts';
import { outputsOf, type StageContext, type StageDefinition } from '../run-stage.ts';
import { loadTable, readDataset } from './dataset.ts';
import type { CleanOutputs, EvaluateOutputs, PromoteOutputs, RegisterOutputs } from './types.ts';

/**
 * Moves the alias to the new version where the gate opens. Never skipped by content: what holds the alias now is part
 * of the question. A race lost is retried, and judged again against the winner.
 */
export const promoteStage: StageDefinition<PromoteOutputs> = {
  stage: 'promote',
  prepare: async (context) => ({
    inputs: undefined,
    execute: () => promote(context),
    promised: () => [],
    publish: (outputs) => publish(context, outputs),
    note: (outputs) => outputs.reason,
  }),
};

async function promote(context: StageContext): Promise<PromoteOutputs> {
  const { deps, workspace, definition, runId } = context;
  const { model, version } = await outputsOf<RegisterOutputs>(context, 'register');
  const policy = definition.promote;
  const unchanged = { promoted: false, alias: policy?.to ?? null, version };
  if (policy === undefined)
    return { ...unchanged, previous: null, reason: 'the definition promotes nothing' };
  const registered = await deps.registry.getModel(workspace, model);
  const current = registered.aliases[policy.to] ?? null;
  if (current === version)
    return { ...unchanged, previous: current, reason: `version ${version} holds ${policy.to} already` };

  const evaluated = await outputsOf<EvaluateOutputs>(context, 'evaluate');
  const verdict = await judge(context, policy.when, evaluated, current);
  if (!verdict.open) return { ...unchanged, previous: current, reason: verdict.reason };
  const by = { actor: `run ${runId}`, reason: verdict.reason };
  const staged = { ...unchanged, previous: current };
  const toStaging = () => moveToStaging(context, model, version, by);
  if (policy.to === PRODUCTION_ALIAS && registered.policy.requireStaging) {
    return { ...staged, reason: await toStaging() };
  }
  try {
    await deps.registry.moveAlias(workspace, {
      model,
      alias: policy.to,
      version,
      expectedVersion: current,
      ...by,
    });
  } catch (cause) {
    // The policy was set between the two: it holds for this move too.
    if (cause instanceof StagingRequiredError) return { ...staged, reason: await toStaging() };
    if (cause instanceof ConflictError) throw new TransientError(`${policy.to} moved meanwhile`, { cause });
    throw cause;
  }
  return { promoted: true, alias: policy.to, version, previous: current, reason: verdict.reason };
}

/**
 * Where the model's policy has someone look at a version before it goes to production, the gate opens to Staging alone: a
 * run that went through Staging by itself would make the policy mean nothing.
 */
async function moveToStaging(
  { deps, workspace }: StageContext,
  model: string,
  version: string,
  by: { actor: string; reason: string },
): Promise<string> {
  await deps.registry.transitionStage(workspace, { model, version, stage: 'Staging', ...by });
  return `${by.reason}; in Staging, as the policy of model ${model} demands: promote it with \`arboleda promote ${model} ${version}\``;
}

interface Verdict {
  open: boolean;
  reason: string;
}

async function judge(
  context: StageContext,
  gate: Gate,
  mine: EvaluateOutputs,
  current: string | null,
): Promise<Verdict> {
  const { metric } = context.definition.select;
  const score = mine.metrics[metric] ?? Number.NaN;
  const sign = metricDirection(metric) === 'maximize' ? 1 : -1;
  if (gate.gate === 'always') return { open: true, reason: 'every version is promoted' };
  if (gate.gate === 'at-least') {
    const open = sign * score >= sign * gate.value;
    return { open, reason: `${metric} ${score.toFixed(4)} against the bound ${gate.value}` };
  }
  if (current === null)
    return { open: true, reason: `first version to be promoted (${metric} ${score.toFixed(4)})` };
  const held = await currentScore(context, current, metric);
  if (!Number.isFinite(held))
    return { open: true, reason: `version ${current} cannot be judged on these test rows` };
  const open = sign * (score - held) > gate.by;
  const reason = `${metric} ${score.toFixed(4)} against ${held.toFixed(4)} of version ${current} on the same test rows`;
  return { open, reason: open ? `better: ${reason}` : `not better by more than ${gate.by}: ${reason}` };
}

/** The held version's score on this run's test rows, through its own preprocessing; NaN where it cannot read them. */
async function currentScore(context: StageContext, version: string, metric: string): Promise<number> {
  const { deps, workspace, described, log } = context;
  const held = await deps.registry.getVersion(workspace, described.model, version);
  const dataset = await readDataset(deps.objects, await outputsOf<CleanOutputs>(context, 'clean'));
  try {
    const { modelKey, modelSha256 } = ownModel(held);
    const { model, manifest } = readModelFile(await deps.objects.get(modelKey), { sha256: modelSha256 });
    const rows = applyPreprocessing(manifest.preprocessing, await loadTable(deps.objects, dataset.testRaw));
    const y = toTarget(rows, dataset.target, dataset.task, model.classes);
    // The held model's own features and categories: this run's rows may have others.
    const { features, categories } = model;
    const x = toMatrix(rows, { target: dataset.target, features, categories });
    return evaluate(model, x, y).metrics[metric] ?? Number.NaN;
  } catch (error) {
    // Only what is permanent may open the gate: a throttled read must not promote anything.
    if (!(error instanceof ArboledaError) || error.transient) throw error;
    log.error(`version ${version} cannot be judged on these rows`, { why: String(error) });
    return Number.NaN;
  }
}

async function publish(
  { deps, workspace, runId, described }: StageContext,
  outputs: PromoteOutputs,
): Promise<void> {
  await deps.runs.setTags(workspace, runId, {
    'promotion.promoted': String(outputs.promoted),
    'promotion.reason': outputs.reason.slice(0, 1000),
    ...(outputs.alias === null ? {} : { 'promotion.alias': outputs.alias }),
  });
  if (outputs.previous !== null) {
    const parentVersions = [`${described.model}/${outputs.previous}`];
    await deps.runs.setLineage(workspace, runId, { parentVersions });
  }
  // Already here, not at the end alone: a kill between the two loses no version and no alias for `reconcile`.
  await snapshotRun(workspace, runId, deps);
}
