export { judgeDrift } from './judge.ts';
export * from './types.ts';
