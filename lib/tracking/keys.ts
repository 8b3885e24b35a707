import { createHash } from 'node:crypto';
import type { Key } from '../store/ports.ts';
import {
  checkArtifactPath,
  checkBatchName,
  checkEntryKey,
  checkExperimentId,
  checkHome,
  checkItemName,
  checkLoggedModelId,
  checkModelName,
  checkPipelineName,
  checkRequestId,
  checkRunId,
  checkSha256,
  checkTokenId,
  checkVersion,
  checkWorkspace,
} from './names.ts';
import { STAGES, type Stage } from './types.ts';

/**
 * Every DynamoDB key, made here (those of a logged model's rows in logged-models/keys.ts) and nowhere else:
 * docs/data-model.md lists them. A key starts with its workspace, which has
 * no `#`; a part that a caller names is checked and escaped, so that it cannot end its own part and begin another.
 */
const escapePart = (part: string): string => part.replaceAll('%', '%25').replaceAll('#', '%23');
const join = (ws: string, ...parts: string[]): string => [checkWorkspace(ws), ...parts].join('#');

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Partitions that hold many things of one workspace. */
export const partition = {
  experiments: (ws: string) => join(ws, 'experiments'),
  experimentNames: (ws: string) => join(ws, 'experiment-names'),
  runs: (ws: string) => join(ws, 'runs'),
  runsOfPipeline: (ws: string, name: string) => join(ws, 'runs', 'pipeline', checkPipelineName(name)),
  runsOfExperiment: (ws: string, id: string) => join(ws, 'runs', 'experiment', checkExperimentId(id)),
  /** Child runs stand here and in no other list. */
  runsOfParent: (ws: string, runId: string) => join(ws, 'runs', 'parent', checkRunId(runId)),
  run: (ws: string, runId: string) => join(ws, 'run', checkRunId(runId)),
  points: (ws: string, runId: string, key: string) =>
    join(ws, 'points', checkRunId(runId), escapePart(checkEntryKey(key, 'metric'))),
  stageCache: (ws: string) => join(ws, 'stage-cache'),
  pipelines: (ws: string) => join(ws, 'pipelines'),
  /** All that a pipeline's collector remembers. */
  collector: (ws: string, pipeline: string) => join(ws, 'collector', checkPipelineName(pipeline)),
  models: (ws: string) => join(ws, 'models'),
  /** A model's versions and audit. Its home stays when the model is renamed. */
  model: (ws: string, home: string) => join(ws, 'model', escapePart(checkHome(home))),
  /** Homes of deleted models, until they are empty. */
  deletedModels: (ws: string) => join(ws, 'deleted-models'),
  /** Names that models had before they were renamed or deleted: what snapshots of that time call them. */
  formerNames: (ws: string) => join(ws, 'former-model-names'),
  tokens: (ws: string) => join(ws, 'tokens'),
  /** All of them are listed in the one that every deploy makes. */
  workspaces: () => join('default', 'workspaces'),
  /** The logged models of one experiment, newest first, each as rows. */
  loggedModels: (ws: string, experimentId: string) =>
    join(ws, 'logged-models', checkExperimentId(experimentId)),
  /** What `runs/search` finds the runs of one experiment by: one attribute, metric, param, tag or field of a dataset each. */
  runIndex: (ws: string, experimentId: string, kind: 'a' | 'm' | 'p' | 't' | 'd', name: string) =>
    join(ws, 'search', checkExperimentId(experimentId), kind, escapePart(name)),
  /** Of gsi1: a model's predictions, by time. */
  predictions: (ws: string, model: string) => join(ws, 'predictions', escapePart(checkModelName(model))),
  /** Of gsi1: what labels changed of a model's figures, by the time that they came. */
  feedback: (ws: string, model: string) => join(ws, 'feedback', escapePart(checkModelName(model))),
  /** How far each model is watched. */
  watched: (ws: string) => join(ws, 'watched'),
  /** What was seen of a model: its traffic by time, its drift reports and its alarms. */
  monitor: (ws: string, model: string) => join(ws, 'monitor', escapePart(checkModelName(model))),
};

/** Sort-key prefixes, and the keys of single items. */
export const prefix = {
  /** The header and its overflow pages: one query reads a run's params, tags and latest metrics. */
  runDocument: '0#',
  stages: '2#stage#',
  artifacts: '3#artifact#',
  versions: '1#version#',
  audit: '3#audit#',
  /** The subsets of one round of collecting, in the order of their batches. */
  subsets: (round: number) => `2#subset#${count(round)}#`,
  rounds: '3#round#',
  /** Rounds that are full and whose run is not known to be started. */
  startsDue: '4#start#',
  /** Buckets of one width, by time. */
  traffic: (unit: string) => `1#${unit}#`,
  driftReports: '2#drift#',
  alarms: '3#alarm#',
  queue: (pipeline: string) => `queue#${checkPipelineName(pipeline)}#`,
  last: (pipeline: string) => `last#${checkPipelineName(pipeline)}#`,
};

/** A name within a sort key, which may be no longer than 1,024 bytes: the hash of a long one stands for it. */
export const shortPart = (part: string): string =>
  Buffer.byteLength(part) <= 400 ? escapePart(part) : `%${sha256(part)}`;

/** Whole numbers so that texts sort as they do. */
const count = (value: number): string => String(value).padStart(9, '0');

const stageOrder = (stage: Stage): string => String(STAGES.indexOf(stage));

export const key = {
  /** Says in which experiment a logged model is. */
  loggedModel: (ws: string, modelId: string): Key => ({
    pk: join(ws, 'logged-model', checkLoggedModelId(modelId)),
    sk: 'place',
  }),
  experiment: (ws: string, id: string): Key => ({
    pk: partition.experiments(ws),
    sk: checkExperimentId(id).padStart(19, '0'),
  }),
  experimentCounter: (ws: string): Key => ({ pk: partition.experimentNames(ws), sk: 'counter' }),
  /** A name may be longer than a sort key: its hash stands for it. */
  experimentName: (ws: string, name: string): Key => ({
    pk: partition.experimentNames(ws),
    sk: `name#${sha256(name)}`,
  }),
  run: (ws: string, runId: string): Key => ({ pk: partition.run(ws, runId), sk: '0#run' }),
  runPage: (ws: string, runId: string, page: number): Key => ({
    pk: partition.run(ws, runId),
    sk: `0#run#page#${String(page).padStart(4, '0')}`,
  }),
  stage: (ws: string, runId: string, stage: Stage, item?: string): Key => ({
    pk: partition.run(ws, runId),
    sk: `${prefix.stages}${stageOrder(stage)}#${stage}${item === undefined ? '' : `#${checkItemName(item).padStart(4, '0')}`}`,
  }),
  artifact: (ws: string, runId: string, path: string): Key => ({
    pk: partition.run(ws, runId),
    sk: prefix.artifacts + checkArtifactPath(path),
  }),
  stageCache: (ws: string, contentKey: string): Key => ({
    pk: partition.stageCache(ws),
    sk: checkSha256(contentKey, 'contentKey'),
  }),
  lock: (ws: string, pipeline: string): Key => ({
    pk: partition.pipelines(ws),
    sk: `lock#${checkPipelineName(pipeline)}`,
  }),
  queue: (ws: string, pipeline: string, queuedAt: string, runId: string): Key => ({
    pk: partition.pipelines(ws),
    sk: `${prefix.queue(pipeline)}${queuedAt}#${checkRunId(runId)}`,
  }),
  queued: (ws: string, pipeline: string, runId: string): Key => ({
    pk: partition.pipelines(ws),
    sk: `queued#${checkPipelineName(pipeline)}#${checkRunId(runId)}`,
  }),
  paused: (ws: string, pipeline: string): Key => ({
    pk: partition.pipelines(ws),
    sk: `paused#${checkPipelineName(pipeline)}`,
  }),
  collectorSettings: (ws: string, pipeline: string): Key => ({
    pk: partition.collector(ws, pipeline),
    sk: '0#settings',
  }),
  collectorState: (ws: string, pipeline: string): Key => ({
    pk: partition.collector(ws, pipeline),
    sk: '0#state',
  }),
  collectorCounts: (ws: string, pipeline: string): Key => ({
    pk: partition.collector(ws, pipeline),
    sk: '0#counts',
  }),
  /** The guard that lets a batch of one pass of the source in once. */
  collectedBatch: (ws: string, pipeline: string, pass: number, batch: string): Key => ({
    pk: partition.collector(ws, pipeline),
    sk: `1#batch#${count(pass)}#${checkBatchName(batch)}`,
  }),
  subset: (ws: string, pipeline: string, round: number, pass: number, batch: string): Key => ({
    pk: partition.collector(ws, pipeline),
    sk: `${prefix.subsets(round)}${count(pass)}#${checkBatchName(batch)}`,
  }),
  round: (ws: string, pipeline: string, round: number): Key => ({
    pk: partition.collector(ws, pipeline),
    sk: `${prefix.rounds}${count(round)}`,
  }),
  startDue: (ws: string, pipeline: string, round: number): Key => ({
    pk: partition.collector(ws, pipeline),
    sk: `${prefix.startsDue}${count(round)}`,
  }),
  roundOfRun: (ws: string, pipeline: string, runId: string): Key => ({
    pk: partition.collector(ws, pipeline),
    sk: `5#run#${checkRunId(runId)}`,
  }),
  source: (ws: string, pipeline: string): Key => ({
    pk: partition.pipelines(ws),
    sk: `source#${checkPipelineName(pipeline)}`,
  }),
  last: (ws: string, pipeline: string, stage: Stage): Key => ({
    pk: partition.pipelines(ws),
    sk: `${prefix.last(pipeline)}${stage}`,
  }),
  model: (ws: string, name: string): Key => ({
    pk: partition.models(ws),
    sk: escapePart(checkModelName(name)),
  }),
  deletedModel: (ws: string, home: string): Key => ({
    pk: partition.deletedModels(ws),
    sk: escapePart(checkHome(home)),
  }),
  formerName: (ws: string, name: string): Key => ({
    pk: partition.formerNames(ws),
    sk: escapePart(checkModelName(name)),
  }),
  version: (ws: string, home: string, version: string): Key => ({
    pk: partition.model(ws, home),
    sk: prefix.versions + checkVersion(version).padStart(9, '0'),
  }),
  identity: (ws: string, home: string, identity: string): Key => ({
    pk: partition.model(ws, home),
    sk: `2#identity#${sha256(identity)}`,
  }),
  audit: (ws: string, home: string, move: number): Key => ({
    pk: partition.model(ws, home),
    sk: prefix.audit + String(move).padStart(9, '0'),
  }),
  workspace: (name: string): Key => ({ pk: partition.workspaces(), sk: checkWorkspace(name) }),
  token: (ws: string, tokenId: string): Key => ({ pk: partition.tokens(ws), sk: checkTokenId(tokenId) }),
  /** The one key that starts with no workspace: a caller has only the token, and the item tells the workspace. */
  tokenHash: (hash: string): Key => ({ pk: `#token#${checkSha256(hash, 'hash')}`, sk: 'token' }),
  watched: (ws: string, model: string): Key => ({
    pk: partition.watched(ws),
    sk: escapePart(checkModelName(model)),
  }),
  /** @param at the bucket's beginning; a version's own answers and what it computed as a shadow are two. */
  traffic: (
    ws: string,
    model: string,
    { unit, at, version, shadow }: { unit: string; at: string; version: string; shadow: boolean },
  ): Key => ({
    pk: partition.monitor(ws, model),
    sk: `${prefix.traffic(unit)}${at}#${checkVersion(version)}${shadow ? '#shadow' : ''}`,
  }),
  driftReport: (ws: string, model: string, to: string, id: string): Key => ({
    pk: partition.monitor(ws, model),
    sk: `${prefix.driftReports}${to}#${checkRequestId(id)}`,
  }),
  alarm: (ws: string, model: string, name: string): Key => ({
    pk: partition.monitor(ws, model),
    sk: `${prefix.alarms}${escapePart(name)}`,
  }),
  /** The labels of a prediction, beside it. */
  labels: (ws: string, requestId: string): Key => ({
    pk: join(ws, 'prediction', checkRequestId(requestId)),
    sk: 'labels',
  }),
  labelsChange: (ws: string, requestId: string, revision: number): Key => ({
    pk: join(ws, 'prediction', checkRequestId(requestId)),
    sk: `labels#${count(revision)}`,
  }),
  prediction: (ws: string, requestId: string): Key => ({
    pk: join(ws, 'prediction', checkRequestId(requestId)),
    sk: 'prediction',
  }),
};
