export * from './choices.ts';
export * from './define.ts';
export * from './fingerprint.ts';
export * from './metrics.ts';
export * from './schema.ts';
export * from './search.ts';
export * from './sources.ts';
export {
  type Alert,
  checkAlert,
  type Retrain,
  whenAbove,
  whenBelow,
  whenDrift,
} from './watching.ts';
