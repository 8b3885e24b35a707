export * from './cancel.ts';
export * from './close.ts';
export * from './dag.ts';
export * from './diff.ts';
export * from './register-import.ts';
export * from './run-control.ts';
export * from './start.ts';
export * from './start-stage.ts';
