export type { GivenLabel } from './give-feedback.ts';
export { SETTLED_MS, watchModel, watchModels } from './monitor.ts';
export { Monitoring } from './monitoring.ts';
export * from './types.ts';
