export type * from './asl.ts';
export {
  type DefinitionOptions,
  type MachineFunction,
  machineFunctions,
  pipelineDefinition,
  RUN_TIMEOUT_SECONDS,
  retryTransient,
  type StageName,
  stageNames,
} from './definition.ts';
export { mermaid } from './picture.ts';
