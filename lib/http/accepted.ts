import type { HttpRequest } from './message.ts';
import type { Reply } from './route.ts';
import type { StartedRun } from './types.ts';

/**
 * 202 with the run's address, in the body and as Location. It is relative to the request's own address, so that it is
 * right behind any stage prefix: `../../runs/ID` seen from `/v1/pipelines/housing/runs` is `/v1/runs/ID`.
 */
export function accepted(request: HttpRequest, started: StartedRun): Reply {
  const depth = request.segments.length - (request.trailingSlash ? 0 : 1);
  const href = `${'../'.repeat(depth)}runs/${started.runId}`;
  return { status: 202, headers: { location: href }, body: { ...started, href } };
}
