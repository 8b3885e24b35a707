import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { watchWords } from '../../../console/pages/pipelines/words.ts';
import { watchRules } from '../../../lib/pipeline/control/watch-rules.ts';
import { Catalog, loadPipelines } from '../../../lib/pipeline/index.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const pipelines = await loadPipelines(`${root}data`);

describe('the pipelines of the repository', () => {
  it('each watch their model: by labels all of them, by drift where new data may come', () => {
    expect(Object.fromEntries(pipelines.map(({ name, retrain }) => [name, retrain?.window]))).toEqual({
      'devops-metrics': 86_400,
      diabetes: 30 * 86_400,
      'forest-cover': undefined,
      housing: 7 * 86_400,
      'student-performance': undefined,
    });
    for (const { name, alert } of pipelines) expect(alert, name).toBeDefined();
  });

  it('have alarms that what is known of each model would not raise', () => {
    for (const { name, alert, reference } of pipelines) {
      const { rule, metric, threshold } = alert!;
      const known = (reference!.metrics as Record<string, number>)[metric]!;
      expect(known, `${name}: ${metric}`).toBeTypeOf('number');
      const room = rule === 'when-below' ? known / threshold : threshold / known;
      // Worse by a twentieth at least, and by no more than a half.
      expect(room, name).toBeGreaterThan(1.05);
      expect(room, name).toBeLessThan(1.5);
    }
  });

  it('are each in the table of docs/monitoring.md, with the same figures', () => {
    const text = readFileSync(`${root}docs/monitoring.md`, 'utf8');
    for (const { name, alert, retrain } of pipelines) {
      const line = text.split('\n').find((one) => one.startsWith(`| [${name}]`));
      expect(line, name).toContain(alert!.threshold.toLocaleString('en-US'));
      expect(line, name).toContain(`${alert!.minLabels} labels`);
      expect(line?.split('|')[2]?.trim().startsWith('no:'), name).toBe(retrain === undefined);
      expect(watchWords({ ...(retrain && { retrain }), alert: alert! })).toHaveLength(retrain ? 2 : 1);
    }
  });

  it('have rules for the monitor under the names of their models', () => {
    const catalog = new Catalog(pipelines);
    for (const { name, alert } of pipelines) {
      expect(watchRules(catalog, name)).toMatchObject([
        { pipeline: name, metric: { metric: alert!.metric, threshold: alert!.threshold } },
      ]);
    }
  });
});
