import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { tick } from '../../lib/pipeline/collect/schedule.ts';
import { pipelineHandler } from '../shared/stage.ts';

/** What the collector's rule sends, each minute. */
const input = z.object({ workspace: z.string().min(1) });

export const handler = pipelineHandler(input, async (deps, { workspace }) => {
  const polls = await tick(deps, workspace, {
    pause: (milliseconds) => setTimeout(milliseconds),
    tell: (line) => console.log(JSON.stringify(line)),
  });
  return { polls: polls.length, started: polls.flatMap(({ started }) => started).length };
});
