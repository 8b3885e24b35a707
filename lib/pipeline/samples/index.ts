export { answerQuery } from './query.ts';
export * from './sample-source.ts';
