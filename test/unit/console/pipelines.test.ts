import { describe, expect, it } from 'vitest';
import {
  longestMs,
  type RunSummary,
  segments,
  statusOfStage,
  tookMs,
  triggerWords,
} from '../../../console/pages/pipelines/history.ts';
import {
  bodyOf,
  commandOf,
  planWords,
  WHOLE,
  withFrom,
} from '../../../console/pages/pipelines/run-options.ts';
import {
  everyWords,
  nodeWords,
  pollWords,
  scheduleWords,
  until,
  type WatchRules,
  watchWords,
} from '../../../console/pages/pipelines/words.ts';
import { describeDefinition } from '../../../lib/pipeline/catalog.ts';
import { whenAbove, whenBelow, whenDrift } from '../../../lib/pipeline/index.ts';
import { tinyHouses } from '../../support/definitions.ts';

const T = Date.parse('2026-11-22T04:00:00.000Z');

describe('a schedule in words', () => {
  it.each([
    ['rate(5 minutes)', 'every 5 minutes'],
    ['rate(1 day)', 'every day'],
    ['cron(0 3 * * ? *)', 'every day at 03:00 UTC'],
    ['cron(45 3 ? * * *)', 'every day at 03:45 UTC'],
    ['cron(0/15 * * * ? *)', 'every 15 minutes'],
    ['cron(7 * * * ? *)', 'every hour, 7 minutes past'],
    ['cron(30 9 ? * MON-FRI *)', 'Monday to Friday at 09:30 UTC'],
    ['cron(0 18 ? * 6 *)', 'every Friday at 18:00 UTC'],
    ['cron(0 18 ? * SUN *)', 'every Sunday at 18:00 UTC'],
    // What would need more words stands as it is.
    ['cron(0 10 L * ? *)', 'cron(0 10 L * ? *)'],
    ['cron(0 3 * JAN ? *)', 'cron(0 3 * JAN ? *)'],
    ['cron(0 8-17 * * ? *)', 'cron(0 8-17 * * ? *)'],
    ['nonsense', 'nonsense'],
  ])('%s is %s', (expression, words) => {
    expect(scheduleWords(expression)).toBe(words);
  });
});

describe('a time to come', () => {
  it.each([
    ['2026-11-22T04:00:40.000Z', 'in 40 s'],
    ['2026-11-22T04:05:40.000Z', 'in 5 min'],
    ['2026-11-22T07:20:00.000Z', 'in 3 h 20 min'],
    ['2026-11-25T05:00:00.000Z', 'in 3 d 1 h'],
    ['2026-11-22T03:59:00.000Z', 'now'],
    ['soon', 'soon'],
  ])('%s is %s', (iso, words) => {
    expect(until(iso, T)).toBe(words);
  });
});

describe('the next poll', () => {
  it.each([
    [{ nextPoll: '2026-11-22T04:00:40.000Z' }, 'in 40 s', false],
    [{ nextPoll: '2026-11-22T03:59:30.000Z' }, 'due now', false],
    [{ nextPoll: '2026-11-22T03:50:00.000Z' }, "due for 10 min: the collector's rule does not fire", true],
    [{ noNextPoll: 'paused' }, 'paused', false],
    [{}, 'not known', false],
  ])('%j is "%s"', (report, text, isLate) => {
    expect(pollWords(report, T)).toEqual({ text, isLate });
  });

  it('comes at an interval that reads well', () => {
    expect([300, 60, 3600, 7200, 20, 90].map(everyWords)).toEqual([
      'every 5 minutes',
      'every minute',
      'every hour',
      'every 2 hours',
      'every 20 seconds',
      'every 90 seconds',
    ]);
  });
});

describe('how a model is watched', () => {
  const rules = (more: object) => watchWords(describeDefinition(tinyHouses(more)) as unknown as WatchRules);

  it('is a sentence a rule of the definition', () => {
    expect(rules({})).toEqual([]);
    expect(
      rules({
        retrain: whenDrift({ window: '1 week' }),
        alert: whenAbove({ metric: 'mae', threshold: 40_000, over: '1 day', retrain: true }),
      }),
    ).toEqual([
      'trains when its rows drift, once in 7 days at most',
      'alarm where mae is above 40,000 on 100 labels of 1 day, and trains',
    ]);
    expect(rules({ alert: whenBelow({ metric: 'r2', threshold: 0.5, minLabels: 20, over: 9000 }) })).toEqual([
      'alarm where r2 is below 0.5 on 20 labels of 2.5 hours',
    ]);
  });
});

describe("a node's label", () => {
  it('is parted into a title and what stands below', () => {
    expect(nodeWords('clean: scale, encode: all')).toEqual({ title: 'clean', detail: 'scale, encode: all' });
    expect(nodeWords('random-forest')).toEqual({ title: 'random-forest', detail: '' });
  });
});

describe('the options of a run', () => {
  it('say only what differs from a whole run', () => {
    expect(bodyOf(WHOLE)).toEqual({});
    expect(bodyOf({ from: 'train', to: 'evaluate', force: true })).toEqual({
      from: 'train',
      to: 'evaluate',
      force: true,
    });
  });

  it('never end before they begin', () => {
    expect(withFrom({ from: 'ingest', to: 'clean', force: true }, 'train')).toEqual({
      from: 'train',
      to: 'train',
      force: true,
    });
    expect(withFrom(WHOLE, 'clean')).toEqual({ from: 'clean', to: 'promote', force: false });
  });

  it('are told in words, and as the command that does the same', () => {
    expect(planWords(WHOLE)).toBe(
      'Runs ingest to promote. A stage whose data, parameters and code are unchanged is skipped.',
    );
    expect(planWords({ from: 'evaluate', to: 'evaluate', force: true })).toBe(
      'Runs evaluate alone, on the latest results of ingest, clean and train. Every stage is done again, even where nothing changed.',
    );
    expect(commandOf('housing', WHOLE)).toBe('arboleda run housing');
    expect(commandOf('housing', { from: 'clean', to: 'train', force: true })).toBe(
      'arboleda run housing --from clean --to train --force',
    );
  });
});

describe('the history of a pipeline', () => {
  const run = (more: Partial<RunSummary> = {}): RunSummary => ({
    runId: 'a'.repeat(32),
    name: 'housing-1',
    status: 'FINISHED',
    attempt: 1,
    startTime: '2026-11-22T03:59:00.000Z',
    endTime: '2026-11-22T03:59:40.000Z',
    metrics: {},
    stages: [
      {
        stage: 'ingest',
        status: 'DONE',
        startedAt: '2026-11-22T03:59:00.000Z',
        endedAt: '2026-11-22T03:59:10.000Z',
        milliseconds: 10_000,
        items: 1,
      },
      {
        stage: 'train',
        status: 'DONE',
        startedAt: '2026-11-22T03:59:10.000Z',
        endedAt: '2026-11-22T03:59:40.000Z',
        milliseconds: 30_000,
        items: 2,
      },
    ],
    ...more,
  });
  const { endTime: _, ...open } = run({ status: 'RUNNING' });

  it('measures runs that ended and runs that go on', () => {
    expect([tookMs(run(), T), tookMs(open, T), longestMs([run(), open], T), longestMs([], T)]).toEqual([
      40_000, 60_000, 60_000, 1,
    ]);
  });

  it('draws the stages against the longest run', () => {
    expect(segments(run(), 80_000, T)).toEqual([
      { stage: 'ingest', status: 'DONE', start: 0, share: 0.125, milliseconds: 10_000 },
      { stage: 'train', status: 'DONE', start: 0.125, share: 0.375, milliseconds: 30_000 },
    ]);
  });

  it('lets a stage at work reach to now, and stays within the bar', () => {
    const stages: RunSummary['stages'] = [
      { stage: 'train', status: 'RUNNING', startedAt: '2026-11-22T03:59:30.000Z', items: 2 },
    ];
    const of = (longest: number) => segments({ ...open, stages }, longest, T)[0];
    expect(of(60_000)).toMatchObject({ start: 0.5, share: 0.5, milliseconds: 30_000 });
    expect(of(40_000)).toMatchObject({ start: 0.75, share: 0.25 });
    const early = [{ ...stages[0]!, startedAt: '2026-11-22T03:50:00.000Z' }];
    expect(segments({ ...open, stages: early }, 60_000, T)[0]).toMatchObject({ start: 0, share: 1 });
  });

  it('tells what a run did to a stage of the graph', () => {
    expect(statusOfStage(run(), 'train')).toMatchObject({ status: 'DONE', items: 2 });
    expect(statusOfStage(run(), 'promote')).toBeUndefined();
    expect(statusOfStage(open, 'promote')).toMatchObject({ status: 'WAITING' });
    expect(statusOfStage({ ...open, to: 'evaluate' }, 'promote')).toBeUndefined();
    expect(statusOfStage({ ...open, from: 'register', stages: [] }, 'train')).toBeUndefined();
    expect(statusOfStage(undefined, 'train')).toBeUndefined();
    expect(statusOfStage(run(), undefined)).toBeUndefined();
  });

  it('says what started it', () => {
    expect([
      triggerWords('schedule'),
      triggerWords('event'),
      triggerWords('caller'),
      triggerWords(undefined),
    ]).toEqual(['schedule', 'collector or event', 'a person', 'a person']);
  });
});
