export type * from './asl.ts';
export {
  type DefinitionOptions,
  LARGE,
  type MachineFunction,
  machineFunctions,
  pipelineDefinition,
  RUN_TIMEOUT_SECONDS,
  retryTransient,
  type StageName,
  stageNames,
} from './definition.ts';
export { mermaid } from './picture.ts';
