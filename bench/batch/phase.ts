import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { joinBatch } from '../../lib/pipeline/batch/join.ts';
import { planBatch } from '../../lib/pipeline/batch/plan.ts';
import { predictChunk } from '../../lib/pipeline/batch/predict-chunk.ts';
import { batchStatus } from '../../lib/pipeline/batch/status.ts';
import { PHASE_FILE, type PhaseReport } from './report.ts';
import { keptWorld } from './world.ts';

/**
 * One phase of a batch prediction, by the handlers that the functions run, in a process of its own: its time and the most memory
 * that it held are the phase's.
 * Leaves a {@link PhaseReport} in the folder.
 */
const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: '' },
    phase: { type: 'string', default: 'plan' },
    run: { type: 'string', default: '' },
    model: { type: 'string', default: '' },
  },
});
const { deps, save } = keptWorld(values.dir);
const input = { workspace: 'default', runId: values.run, attempt: 1 };
const report: PhaseReport = { seconds: 0, peakMb: 0, chunkSeconds: [], progress: [] };

const begun = performance.now();
if (values.phase === 'plan') await planBatch(deps, input);
if (values.phase === 'join') await joinBatch(deps, input);
if (values.phase === 'predict') {
  const list = await deps.objects.get(`default/batches/${values.run}/chunks.json`);
  for (const { chunk } of JSON.parse(Buffer.from(list).toString('utf8')) as { chunk: string }[]) {
    const start = performance.now();
    await predictChunk(deps, { ...input, chunk });
    report.chunkSeconds.push((performance.now() - start) / 1000);
    const { predicted, failed } = await batchStatus(deps, 'default', values.model, values.run);
    report.progress.push(predicted + failed);
  }
}
report.seconds = (performance.now() - begun) / 1000;
report.peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
save();
writeFileSync(join(values.dir, PHASE_FILE), JSON.stringify(report));
