import type { VersionReport } from '../../lib/tracking/splits/report.ts';
import type { Split } from '../../lib/tracking/splits/types.ts';
import { table } from './output.ts';

/** A split as a person reads it. */
export function splitText({ model, kind, arms, shadows, guard, revision, state, ...split }: Split): string {
  const shared = arms.map(({ version, weight }) => `version ${version} ${weight} %`).join(', ');
  const lines = [`${model}: ${kind}, revision ${revision}: ${shared}`];
  if (shadows.length > 0) lines.push(`  in the shadow: version ${shadows.join(', ')}`);
  if (guard !== undefined) {
    const { maxErrorRate, maxLatencyMs, minRequests, windowMinutes } = guard;
    lines.push(
      `  guard: goes back above ${100 * maxErrorRate} % failures or ${maxLatencyMs} ms (p95), from ${minRequests} requests within ${windowMinutes} minutes`,
    );
  }
  lines.push(`  since ${split.createdAt} by ${split.createdBy}`);
  if (state === 'reverted') {
    lines.push(
      `  REVERTED ${split.revertedAt}: ${split.revertedReason}; the version in production answers everything`,
    );
  }
  return lines.join('\n');
}

/** Versions side by side. */
export const reportText = (versions: readonly VersionReport[]): string =>
  table(
    ['version', 'role', 'requests', 'rows', 'failed', 'p50 ms', 'p95 ms', 'p99 ms'],
    versions.map(({ version, shadow, requests, rows, errors, latencyMs }) => [
      version,
      shadow ? 'shadow' : 'answers',
      requests,
      rows,
      errors,
      latencyMs?.p50 ?? '-',
      latencyMs?.p95 ?? '-',
      latencyMs?.p99 ?? '-',
    ]),
  );
