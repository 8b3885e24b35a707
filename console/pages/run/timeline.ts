import type { Stage, StageRecord } from '../../../lib/tracking/types.ts';
import type { Detail } from './types.ts';

/** What a stage of a run comes to, in the order of the stages. Pure, so that tests need no page. */
export interface Step {
  stage: Stage;
  state:
    | 'WAITING'
    | 'RUNNING'
    | 'DONE'
    | 'SKIPPED'
    | 'FAILED'
    | 'KILLED'
    | 'TAKEN'
    | 'LEFT_OUT'
    | 'NOT_REACHED';
  /** One sentence: what it found, or why it was skipped or failed. */
  note?: string | undefined;
  /** What to do about a failure. */
  remedy?: string | undefined;
  /** Milliseconds; undefined where it did not begin in this attempt. */
  took?: number | undefined;
  /** Where its bar begins and how long it is, as shares of the run's time, 0 to 1. */
  from: number;
  length: number;
  /** Of the stage `train`: its models. */
  items?: { total: number; done: number; unchanged: number; failed: number } | undefined;
  /** Whether a new run can begin here: every stage before it has a result in this run. */
  canStart: boolean;
}

const ORDER: readonly Stage[] = ['plan', 'ingest', 'clean', 'train', 'evaluate', 'register', 'promote'];
/** A batch prediction's: an item of `predict` for each chunk. */
const BATCH: readonly Stage[] = ['plan', 'predict', 'join'];
/** How plan notes a stage whose result is another run's. */
const TAKEN = 'not asked for:';

/** @param now milliseconds since 1970, for what still runs */
export function timeline(run: Detail, now: number): Step[] {
  const { stages } = run;
  if (stages.length === 0) return [];
  const whole = (stage: Stage) => stages.find((one) => one.stage === stage && one.item === undefined);
  const wanted = (whole('plan')?.outputs.stages ?? {}) as Record<string, boolean>;
  const isOver = run.status !== 'RUNNING' && run.status !== 'SCHEDULED';
  const mine = stages.filter((one) => one.attempt === run.attempt && !isTaken(one));
  const begin = Math.min(...mine.map(({ startedAt }) => Date.parse(startedAt)));
  const end = Math.max(begin + 1, ...mine.map((one) => endOf(one, run, now)));
  const isBatch = stages.some(({ stage }) => BATCH.slice(1).includes(stage));
  let isOpen = !isBatch;
  return (isBatch ? BATCH : ORDER).map((stage): Step => {
    const record = whole(stage) ?? (isBatch ? lastItem(stages, stage) : undefined);
    const canStart = stage !== 'plan' && isOpen;
    const state = stateOf(record, { run, stage, isOver, wanted: wanted[stage] });
    if (stage !== 'plan' && !['DONE', 'SKIPPED', 'TAKEN'].includes(state)) isOpen = false;
    const items = stage === 'train' ? itemsOf(stages) : undefined;
    const failed = run.error?.stage === stage ? run.error : (record?.error ?? failureOf(stages, stage));
    const isBarred = record !== undefined && record.attempt === run.attempt && !isTaken(record);
    const started = isBarred ? Date.parse(record.startedAt) : begin;
    const ended = isBarred ? endOf(record, run, now) : begin;
    return {
      stage,
      state,
      note: state === 'FAILED' ? failed?.message : record?.note,
      remedy: state === 'FAILED' ? failed?.remedy : undefined,
      took: isBarred ? ended - started : undefined,
      from: (started - begin) / (end - begin),
      length: (ended - started) / (end - begin),
      items,
      canStart,
    };
  });
}

/** Chunks have no record of their whole: the item that is furthest from done stands for it. */
function lastItem(stages: readonly StageRecord[], stage: Stage): StageRecord | undefined {
  const items = stages.filter((one) => one.stage === stage);
  return (
    items.find(({ status }) => status === 'FAILED') ??
    items.find(({ status }) => status === 'RUNNING') ??
    items.toSorted((a, b) => ((a.endedAt ?? '') < (b.endedAt ?? '') ? -1 : 1)).at(-1)
  );
}

const isTaken = ({ note }: StageRecord): boolean => note?.startsWith(TAKEN) === true;

/** A stage that a cancel or a lost function left open ended with its run. */
function endOf({ endedAt }: StageRecord, { endTime }: Detail, now: number): number {
  return Date.parse(endedAt ?? endTime ?? '') || now;
}

function stateOf(
  record: StageRecord | undefined,
  { run, stage, isOver, wanted }: { run: Detail; stage: Stage; isOver: boolean; wanted: boolean | undefined },
): Step['state'] {
  if (run.status === 'FAILED' && run.error?.stage === stage) return 'FAILED';
  if (record === undefined) {
    if (wanted === false) return 'LEFT_OUT';
    return isOver ? 'NOT_REACHED' : 'WAITING';
  }
  if (isTaken(record)) return 'TAKEN';
  if (record.status !== 'RUNNING' || !isOver) return record.status;
  return run.status === 'FINISHED' ? 'DONE' : run.status === 'FAILED' ? 'FAILED' : 'KILLED';
}

function itemsOf(stages: readonly StageRecord[]): Step['items'] {
  const items = stages.filter(({ stage, item }) => stage === 'train' && item !== undefined);
  if (items.length === 0) return undefined;
  const count = (...of: string[]) => items.filter(({ status }) => of.includes(status)).length;
  return {
    total: items.length,
    done: count('DONE', 'SKIPPED'),
    unchanged: count('SKIPPED'),
    failed: count('FAILED'),
  };
}

const failureOf = (stages: readonly StageRecord[], stage: Stage) =>
  stages.find((one) => one.stage === stage && one.status === 'FAILED')?.error;
