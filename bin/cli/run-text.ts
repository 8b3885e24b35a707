import { ArboledaError } from '../../lib/errors/index.ts';
import { counted } from '../../lib/table/counted.ts';
import { dataKind } from '../../lib/tracking/data-kind.ts';
import type { Run } from '../../lib/tracking/types.ts';
import type { RunDetail } from './api-types.ts';
import { metricsText } from './output.ts';
import { inOrder, stageLine } from './watch.ts';

/** The run's own error, with the code that its record holds. */
export class RunFailedError extends ArboledaError {
  static override readonly code: string = 'RUN_FAILED';
  static override readonly remedy: string =
    'Read `npx arboleda logs RUN`, mend the cause, then `npx arboleda retry RUN`.';
}

/** Whether a run's rows are `real` or `synthetic`; nothing where it read none. */
export const dataText = ({ tags }: Pick<Run, 'tags'>): string => dataKind(tags) ?? '';

/** A tag may say anything: what is no number stands as it is. */
const rowsText = (rows: string): string =>
  Number.isSafeInteger(Number(rows)) ? counted(Number(rows), 'row') : `${rows} rows`;

/** A run as a person reads it. */
export function finishedText(run: RunDetail, stages = false, children: readonly Run[] = []): string {
  const lines = [`run ${run.runId}: ${run.status}`];
  if (run.pipeline)
    lines.push(`pipeline   ${run.pipeline}, experiment ${run.experimentId}, attempt ${run.attempt}`);
  else lines.push(`name       ${run.name}, experiment ${run.experimentId}`);
  lines.push(`time       ${run.startTime}${run.endTime ? ` to ${run.endTime}` : ''}`);
  if (run.tags['data.rows'] !== undefined)
    lines.push(`data       ${rowsText(run.tags['data.rows'])}, ${dataText(run)}`);
  if (Object.keys(run.metrics).length > 0) lines.push(`metrics    ${metricsText(run.metrics)}`);
  if (stages) {
    lines.push(
      ...section('params', run.params),
      ...section('tags', run.tags),
      ...section('lineage', run.lineage),
    );
    lines.push('stages');
  }
  if (stages) lines.push(...inOrder(run.stages).map((stage) => `  ${stageLine(stage)}`));
  if (children.length > 0) lines.push('child runs', ...childLines(children));
  if (stages && run.artifacts.length > 0) lines.push('artifacts');
  if (stages) lines.push(...run.artifacts.map((artifact) => `  ${artifact.path} (${artifact.size} bytes)`));
  if (run.error)
    lines.push(
      `error ${run.error.code} in ${run.error.stage}: ${run.error.message}`,
      `  ${run.error.remedy}`,
    );
  return lines.join('\n');
}

/** One line a candidate: its run, status, algorithm and chief figures. */
function childLines(children: readonly Run[]): string[] {
  return children.map(({ runId, status, params, metrics, name }) => {
    const { algorithm, ...rest } = params;
    const given = Object.entries(rest).map(([key, value]) => `${key}=${value}`);
    const scored = Object.entries(metrics).filter(([key]) => /^(cv|validation)_/.test(key));
    const figures = metricsText(Object.fromEntries(scored));
    return `  ${runId}  ${status.toLowerCase().padEnd(8)} ${algorithm ?? name} ${given.join(' ')}  ${figures}`.trimEnd();
  });
}

/** A heading and one line a value; hashes are cut to what a person compares, `--json` has them whole. */
function section(name: string, values: object): string[] {
  const flat = Object.entries(values).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).map(([inner, each]) => [`${key}.${inner}`, each])
      : [[key, value]],
  );
  if (flat.length === 0) return [];
  const width = Math.max(...flat.map(([key]) => String(key).length));
  return [name, ...flat.map(([key, value]) => `  ${String(key).padEnd(width)}  ${short(value)}`)];
}

const short = (value: unknown): string => String(value).replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, '$1...');

/** The command's exit code tells how the run ended: 1 for anything but FINISHED. */
export function showFailure(run: RunDetail): void {
  if (run.status !== 'FINISHED') process.exitCode = 1;
}
