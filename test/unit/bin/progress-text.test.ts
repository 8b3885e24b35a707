import { describe, expect, it } from 'vitest';
import type { RunDetail } from '../../../bin/cli/api-types.ts';
import { progressText } from '../../../bin/cli/predict-batch.ts';
import { finishedText } from '../../../bin/cli/run-text.ts';
import { progressLine, stageLine } from '../../../bin/cli/watch.ts';
import type { Run, StageRecord } from '../../../lib/tracking/types.ts';

const record: StageRecord = {
  runId: 'a'.repeat(32),
  stage: 'train',
  item: '3',
  status: 'RUNNING',
  attempt: 1,
  outputs: {},
  startedAt: '2026-01-01T00:00:00.000Z',
};
const run: Run = {
  workspace: 'default',
  runId: 'a'.repeat(32),
  experimentId: '0',
  name: 'x',
  status: 'FINISHED',
  startTime: '2026-01-01T00:00:00.000Z',
  attempt: 1,
  lineage: {},
  tags: {},
  params: {},
  metrics: {},
};

describe('progress, as the command line shows it', () => {
  it('is one line: items done, and the share of all', () => {
    expect(progressLine({ done: 3, total: 20, share: 0.179 }, true)).toBe('training     3 of 20 items, 17 %');
  });

  it('is of chunks where a file is predicted, large counts grouped, and one is one', () => {
    expect(progressLine({ done: 1_200, total: 9_999, share: 0.12 }, true, true)).toBe(
      'predicting   1,200 of 9,999 chunks, 12 %',
    );
    expect(progressLine({ done: 0, total: 1, share: 0 }, true, true)).toBe('predicting   0 of 1 chunk, 0 %');
    expect(progressLine({ done: 0, total: 1, share: 0 }, true)).toBe('training     0 of 1 item, 0 %');
  });

  it('tells rows and chunks of a batch, however many there are', () => {
    const at = (done: number, total: number, predicted: number, failed: number, rows?: number) =>
      progressText({ chunks: { done, total }, predicted, failed, rows });
    expect(at(0, 0, 0, 0)).toBe('reading the file');
    expect(at(0, 1, 0, 0, 1)).toBe('0 of 1 chunk, 0 of 1 row');
    expect(at(12, 40, 311_990, 10, 1_000_000)).toBe('12 of 40 chunks, 312,000 of 1,000,000 rows');
  });

  it('off a terminal counts in tenths, so that a log is not a line a moment', () => {
    expect(progressLine({ done: 3, total: 20, share: 0.179 }, false)).toBe(
      'training     3 of 20 items, 10 %',
    );
  });

  it('stands behind an item that runs, and gives way to what it found', () => {
    expect(stageLine({ ...record, progress: 0.429 })).toMatch(/^train\[3\] +running +42 %$/);
    const done = { ...record, status: 'DONE' as const, endedAt: '2026-01-01T00:00:02.000Z', progress: 1 };
    expect(stageLine({ ...done, note: 'r2 0.9' })).toMatch(/done +2 s {2}r2 0\.9$/);
    expect(stageLine(done)).not.toContain('%');
  });
});

describe('a run with children', () => {
  it('shows each with its id, state, parameters and the figures it is selected by', () => {
    const child: Run = {
      ...run,
      runId: 'b'.repeat(32),
      params: { algorithm: 'random-forest', trees: '50' },
      metrics: { cv_accuracy: 0.9, fold_accuracy: 0.8 },
    };
    const detail: RunDetail = { ...run, stages: [], artifacts: [] };
    const text = finishedText(detail, true, [child]);
    const line = text.split('\n').find((one) => one.includes(child.runId))!;
    expect(text).toContain('child runs');
    expect(line).toMatch(/finished +random-forest trees=50 +.*cv_accuracy/);
    expect(line).not.toContain('fold_accuracy');
    expect(finishedText(detail, true)).not.toContain('child runs');
  });
});
