import { describe, expect, it } from 'vitest';
import { feedbackItems } from '../../../bin/cli/feedback-file.ts';
import { driftListText, trafficText } from '../../../bin/cli/monitoring-text.ts';

describe('a file of labels', () => {
  it('is a JSON list, JSON lines or CSV', () => {
    const items = [
      { requestId: 'a', label: 'yes' },
      { requestId: 'b', row: 1, label: 'no' },
    ];
    expect(feedbackItems(JSON.stringify(items), false)).toEqual(items);
    expect(feedbackItems(items.map((one) => JSON.stringify(one)).join('\n'), false)).toEqual(items);
    expect(feedbackItems('requestId,row,label\na,0,"yes, sir"\nb,1,2\n', false)).toEqual([
      { requestId: 'a', row: 0, label: 'yes, sir' },
      { requestId: 'b', row: 1, label: '2' },
    ]);
    expect(feedbackItems('requestId,label\na,2.5\n', true)).toEqual([{ requestId: 'a', label: 2.5 }]);
    // As a spreadsheet of another country saves it.
    expect(feedbackItems('\uFEFFrequestId;label\r\na;2.5\r\nb;3\r\n', true)).toEqual([
      { requestId: 'a', label: 2.5 },
      { requestId: 'b', label: 3 },
    ]);
  });

  it.each([
    ['[{"requestId":"a"}]', 'entry 1'],
    ['{"requestId":"a","label":1}\n{oops', 'line 2'],
    ['id,label\na,1\n', 'the columns are id, label: requestId is not among them'],
    ['requestId,y\na,1\n', 'label is not among them'],
    ['requestId,label\na,dear\n', 'line 2: label "dear" is no number, and the model predicts one'],
    ['requestId,label\na,1\nb,\n', 'line 3: label is empty'],
    ['requestId,label\n,1\n', 'line 2: requestId is empty'],
    ['requestId,row,label\na,-1,1\n', 'line 2: row is no whole number from 0'],
    ['requestId,row,label\na,first,1\n', 'line 2: row is no whole number from 0'],
    ['requestId,label\n', 'no labels below its header'],
    [' \n', 'the file is empty'],
    ['requestId,label\n"a,1\n', 'quoted field'],
  ])('%s is refused with the place', (text, message) => {
    expect(() => feedbackItems(text, true)).toThrow(new RegExp(message));
  });
});

describe('what the commands print', () => {
  it('is alarms first, then reports', () => {
    const alarm = {
      name: 'drift',
      state: 'alarm' as const,
      version: '1',
      since: '2026-01-01T10:00:00.000Z',
      reason: 'x drifted',
      remedy: 'Look.',
    };
    const report = {
      id: 'f'.repeat(32),
      model: 'm',
      version: '1',
      from: '2026-01-01T09:00:00.000Z',
      to: '2026-01-01T10:00:00.000Z',
      rows: 300,
      status: 'drift' as const,
      drifted: ['x'],
      highestPsi: 1.25,
    };
    const text = driftListText([alarm, { ...alarm, name: 'accuracy', state: 'ok' }], [report]);
    expect(text.split('\n')[0]).toBe('ALARM drift since 2026-01-01 10:00: x drifted');
    expect(text).not.toContain('accuracy');
    expect(text).toMatch(/300 +│ drift +│ 1\.25 +│ x/);
    expect(driftListText([], [])).toContain('No report yet');
  });

  it('is traffic by version, shadows named', () => {
    const bucket = {
      at: '2026-01-01T10:00:00.000Z',
      version: '2',
      shadow: true,
      requests: 1200,
      rows: 1300,
      errors: 3,
      latencyMs: { p50: 10.25, p95: null, p99: 30 },
      labels: 0,
      metrics: { rmse: 12.5 },
    };
    const text = trafficText([bucket]);
    expect(text).toContain('2 (shadow)');
    expect(text).toContain('10.25 / - / 30');
    expect(text).toContain('rmse 12.5');
    expect(trafficText([])).toContain('No traffic');
  });
});
