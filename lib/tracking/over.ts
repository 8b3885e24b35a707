import type { Clock, ItemStore } from '../store/ports.ts';
import { Collection } from './collection.ts';
import { Experiments } from './experiments.ts';
import { LoggedModels } from './logged-models/index.ts';
import { PipelineState } from './pipeline-state.ts';
import { Registry } from './registry.ts';
import { Runs } from './runs.ts';
import { Splits } from './splits/splits.ts';
import { Stages } from './stages.ts';

/** All records that pipelines keep, over one store. */
export const trackingOver = (items: ItemStore, clock: Clock) => ({
  runs: new Runs(items, clock),
  loggedModels: new LoggedModels(items, clock),
  stages: new Stages(items, clock),
  state: new PipelineState(items, clock),
  collection: new Collection(items, clock),
  registry: new Registry(items, clock),
  splits: new Splits(items, clock),
  experiments: new Experiments(items, clock),
});
