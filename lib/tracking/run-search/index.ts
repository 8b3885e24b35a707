export { type RunPage, type RunQuery, RunSearch, type ViewType } from './run-search.ts';
