export type * from './asl.ts';
export {
  type DefinitionOptions,
  LARGE,
  type MachineFunction,
  machineFunctions,
  retryTransient,
  type StageName,
  stageNames,
} from './common.ts';
export { pipelineDefinition, RUN_TIMEOUT_SECONDS } from './definition.ts';
export { mermaid } from './picture.ts';
