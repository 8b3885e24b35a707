import type { PipelineDescription } from '../../lib/http/types.ts';
import type { PipelineList } from './api-types.ts';
import { type ApiClient, ApiError, path } from './client.ts';

/**
 * Ends the runs that the last stop of the local stack cut off: their executions went with the emulator, and their records
 * would hold the pipelines for ever. Only right after the emulator was started, when nothing can be running yet.
 */
export async function endCutOffRuns(client: ApiClient, say: (message: string) => void): Promise<string[]> {
  const ended: string[] = [];
  const { pipelines } = await client.get<PipelineList>('/pipelines');
  for (const { name } of pipelines) {
    const { activeRunId } = await client.get<PipelineDescription>(path`/pipelines/${name}`);
    if (activeRunId === undefined) continue;
    try {
      await client.post(path`/runs/${activeRunId}/cancel`, {});
      ended.push(activeRunId);
      say(
        `${name}: run ${activeRunId} was cut off by the last stop; go on with \`npx arboleda retry ${activeRunId}\``,
      );
    } catch (error) {
      // It has ended meanwhile, or is not known any more: then the next start takes its lock over.
      if (!(error instanceof ApiError) || (error.status !== 409 && error.status !== 404)) throw error;
    }
  }
  return ended;
}
