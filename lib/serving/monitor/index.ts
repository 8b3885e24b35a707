export { SETTLED_MS, watchModel, watchModels } from './monitor.ts';
export * from './types.ts';
