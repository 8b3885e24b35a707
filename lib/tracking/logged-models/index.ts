export { LoggedModels } from './logged-models.ts';
export { modelIdOf, randomName } from './names.ts';
export type { LoggedModelPage, LoggedModelSearch, SearchPosition } from './search.ts';
export * from './types.ts';
