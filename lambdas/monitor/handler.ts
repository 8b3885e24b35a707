import * as z from 'zod';
import { watchModels } from '../../lib/serving/monitor/index.ts';
import { openStores, readEnvironment } from '../../lib/store/index.ts';
import { Workspaces } from '../../lib/tracking/workspaces.ts';
import { monitorDeps } from '../shared/monitor.ts';
import { pipelineHandler } from '../shared/stage.ts';

/** The monitor's rule sends neither: all workspaces, and windows that are over. `asked` judges those that are open, too. */
const input = z.object({ workspace: z.string().min(1).optional(), asked: z.boolean().optional() });

export const handler = pipelineHandler(input, async (pipeline, { workspace, asked }) => {
  const environment = readEnvironment(process.env);
  const stores = openStores(environment);
  const deps = monitorDeps(environment, stores, pipeline);
  const all =
    workspace === undefined ? await new Workspaces(stores.items, deps.clock).list() : [{ name: workspace }];
  let watched = 0;
  for (const { name } of all) {
    const looks = await watchModels(deps, name, (line) => console.log(JSON.stringify(line)), {
      asked: asked ?? false,
    });
    watched += looks.length;
  }
  console.log(JSON.stringify({ message: 'looked', workspaces: all.length, watched }));
  return { watched };
});
