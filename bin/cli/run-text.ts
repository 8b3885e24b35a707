import { ArboledaError } from '../../lib/errors/index.ts';
import type { RunDetail } from './api-types.ts';
import { metricsText } from './output.ts';
import { inOrder, stageLine } from './watch.ts';

/** The run's own error, with the code that its record holds. */
export class RunFailedError extends ArboledaError {
  static override readonly code: string = 'RUN_FAILED';
  static override readonly remedy: string =
    'Read `npx arboleda logs RUN`, mend the cause, then `npx arboleda retry RUN`.';
}

/** A run as a person reads it. */
export function finishedText(run: RunDetail, stages = false): string {
  const lines = [`run ${run.runId}: ${run.status}`];
  if (run.pipeline)
    lines.push(`pipeline   ${run.pipeline}, experiment ${run.experimentId}, attempt ${run.attempt}`);
  lines.push(`time       ${run.startTime}${run.endTime ? ` to ${run.endTime}` : ''}`);
  if (Object.keys(run.metrics).length > 0) lines.push(`metrics    ${metricsText(run.metrics)}`);
  for (const [name, values] of [
    ['params', run.params],
    ['tags', run.tags],
    ['lineage', run.lineage],
  ] as const) {
    if (stages && Object.keys(values).length > 0) lines.push(`${name.padEnd(10)} ${JSON.stringify(values)}`);
  }
  if (stages) lines.push(...inOrder(run.stages).map((stage) => `  ${stageLine(stage)}`));
  if (stages) lines.push(...run.artifacts.map((artifact) => `  ${artifact.path} (${artifact.size} bytes)`));
  if (run.error)
    lines.push(
      `error ${run.error.code} in ${run.error.stage}: ${run.error.message}`,
      `  ${run.error.remedy}`,
    );
  return lines.join('\n');
}

/** The command's exit code tells how the run ended: 1 for anything but FINISHED. */
export function showFailure(run: RunDetail): void {
  if (run.status !== 'FINISHED') process.exitCode = 1;
}
