import { describe, expect, it } from 'vitest';
import { collectorText } from '../../../bin/cli/collector-text.ts';
import type { CollectorReport } from '../../../lib/http/types.ts';

const report: CollectorReport = {
  pipeline: 'forest-cover',
  settings: { url: undefined, every: 300, subsets: 10, group: 1, state: 'active' },
  open: { round: 1, stored: 0, rows: 0, subsets: [] },
  exhausted: true,
  pass: 0,
  counts: { polls: 0, outcomes: {} },
  rounds: [],
};

describe("the collector's text", () => {
  it('says what is missing before anything is set', () => {
    const text = collectorText(report);
    expect(text).toContain('none: set one by --url');
    expect(text).toContain('1: 0 of 10 subsets, 0 rows');
    expect(text).not.toContain('no more data');
  });

  it('shows source, progress, outcomes by number and rounds with their run or reason', () => {
    const at = '2026-01-01T00:00:00.000Z';
    const text = collectorText({
      ...report,
      settings: { ...report.settings, url: 'https://a.example/data' },
      open: { ...report.open, round: 3, stored: 4, rows: 12_345 },
      counts: { polls: 30, outcomes: { truncated: 2, stored: 24, known: 4 }, last: { at, outcome: 'known' } },
      rounds: [
        {
          round: 2,
          state: 'incomplete',
          reason: 'no more data',
          subsets: 3,
          rows: 9,
          openedAt: at,
          closedAt: at,
        },
        {
          round: 1,
          state: 'closed',
          runId: 'a'.repeat(32),
          subsets: 10,
          rows: 99,
          openedAt: at,
          closedAt: at,
        },
      ],
    });
    expect(text).toContain('https://a.example/data (group 1, a batch each 300 s, active)');
    expect(text).toContain('3: 4 of 10 subsets, 12,345 rows');
    expect(text).toContain('30: 24 stored, 4 known, 2 truncated');
    expect(text).toContain('a'.repeat(32));
    expect(text).toMatch(/incomplete.*no more data/);
  });
});
