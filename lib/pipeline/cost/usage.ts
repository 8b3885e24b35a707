import type { Stage, StageRecord } from '../../tracking/types.ts';
import { WORK_STAGES } from '../stages/plan.ts';
import { isWhole } from '../training/item.ts';

/** One call of a function. */
export interface FunctionCall {
  stage: Stage | 'close';
  item?: string;
  /** Milliseconds that it worked. */
  milliseconds: number;
  memoryMb: number;
  /** The record does not say how much memory the function had: what a deploy gives by default is taken. */
  assumedMemory: boolean;
}

/** What a deploy gives where no setting says otherwise (lib/infra: functions.ts, settings.ts). */
const MEMORY: Readonly<Record<Stage | 'close', number>> = {
  plan: 1024,
  ingest: 3008,
  clean: 3008,
  train: 3008,
  evaluate: 3008,
  register: 3008,
  promote: 3008,
  predict: 3008,
  join: 3008,
  close: 512,
};

/** What ends a run leaves no record: a second is more than it needs. */
const CLOSE_MILLISECONDS = 1_000;
/** The longest that `plan` may work. */
const PLAN_SECONDS = 60;

/** A stage that took another run's result was not called. */
const wasCalled = ({ note }: StageRecord): boolean => note?.startsWith('not asked for:') !== true;

/**
 * The calls of functions that a run's records tell of, the present attempt's alone. The whole train stage is no call of
 * its own but for its plan: its items are.
 *
 * @param now for a stage that still runs, ISO 8601
 */
export function callsOf(
  records: readonly StageRecord[],
  { attempt, now, ended }: { attempt: number; now: string; ended: boolean },
): FunctionCall[] {
  const made = records.filter((record) => record.attempt === attempt && wasCalled(record));
  const calls = made.flatMap((record): FunctionCall[] => {
    const { stage, item, memoryMb, startedAt, endedAt = now } = record;
    if (stage === 'train' && item === undefined) return [];
    return [
      {
        stage,
        ...(item !== undefined && { item }),
        milliseconds: Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)),
        memoryMb: memoryMb ?? MEMORY[stage],
        assumedMemory: memoryMb === undefined,
      },
    ];
  });
  const close = { stage: 'close' as const, milliseconds: CLOSE_MILLISECONDS, memoryMb: MEMORY.close };
  const all = [...calls, ...planningOfTraining(made, now)];
  return ended ? [...all, { ...close, assumedMemory: true }] : all;
}

/**
 * States that the state machine entered: plan; the question before each stage, and the stage where it was wanted; for
 * training its plan, the Map, one for each item, the question whether to merge, and the merge; the end.
 */
export function transitionsOf(
  records: readonly StageRecord[],
  { attempt, ended }: { attempt: number; ended: boolean },
): number {
  const made = records.filter((record) => record.attempt === attempt && wasCalled(record));
  const has = (stage: Stage) => made.some((record) => record.stage === stage);
  const failed = made.find((record) => record.status === 'FAILED' && record.item === undefined)?.stage;
  // The question whether it is a batch prediction, and the plan.
  let count = has('plan') ? 2 : 0;
  if (failed === 'plan') return count + endings(ended, true);
  const chunks = made.filter(({ stage }) => stage === 'predict');
  if (chunks.length > 0 || has('join')) {
    // A batch prediction: the Map and its items, and what joins them where all are done.
    const broken = made.some(({ status }) => status === 'FAILED');
    return count + 1 + chunks.length + (has('join') ? 1 : 0) + endings(ended, broken);
  }
  for (const stage of WORK_STAGES) {
    count += 1;
    if (!has(stage)) continue;
    count += stage === 'train' ? training(made) : 1;
    if (stage === failed) return count + endings(ended, true);
  }
  return (
    count +
    endings(
      ended,
      made.some(({ status }) => status === 'FAILED'),
    )
  );
}

/** Of a failure the Pass that notes the stage, then close and the last state. */
const endings = (ended: boolean, failed: boolean): number => (ended ? (failed ? 3 : 2) : 0);

function training(made: readonly StageRecord[]): number {
  const items = made.filter((record) => record.stage === 'train' && record.item !== undefined);
  // What is merged of shards has their candidate's own name; what is merged of batches says so.
  const sharded = new Set(items.filter(({ item }) => !isWhole(item)).map(({ item }) => item?.split('_')[0]));
  const merged = items.some(
    ({ item, outputs }) => isWhole(item) && (sharded.has(item) || outputs.part === 'merged'),
  );
  return 3 + items.length + (merged ? 1 : 0);
}

/** The function `plan` is called once more, before the train Map: until its first item began. */
function planningOfTraining(made: readonly StageRecord[], now: string): FunctionCall[] {
  const whole = made.find(({ stage, item }) => stage === 'train' && item === undefined);
  if (whole === undefined) return [];
  const begun = made.filter(({ stage, item }) => stage === 'train' && item !== undefined);
  const first = begun.map(({ startedAt }) => startedAt).sort()[0] ?? whole.endedAt ?? now;
  const milliseconds = Math.max(0, Date.parse(first) - Date.parse(whole.startedAt));
  return [
    {
      stage: 'plan',
      item: 'of the training',
      milliseconds: Math.min(milliseconds, PLAN_SECONDS * 1_000),
      memoryMb: MEMORY.plan,
      assumedMemory: true,
    },
  ];
}
