export { type AppOptions, bundleApp, createApp, type PipelineSource } from './app.ts';
export { gatewayPaths } from './constructs/api.ts';
export { type FunctionName, functionNames, functionSpecs, optionalNames } from './functions.ts';
export { BadSettingError, parseSettings, type Settings } from './settings.ts';
export { ArboledaStack } from './stack.ts';
export { mermaid, pipelineDefinition } from './state-machine/index.ts';
