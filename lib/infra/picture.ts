import { machineFunctions, mermaid, pipelineDefinition } from './state-machine/index.ts';

/** `npm run picture`: the state machine as Mermaid text, for docs/. */
const each = <T>(value: (name: string) => T) =>
  Object.fromEntries(machineFunctions.map((name) => [name, value(name)])) as Record<
    (typeof machineFunctions)[number],
    T
  >;

const definition = pipelineDefinition({
  functions: each((name) => name),
  invoke: 'arn:aws:states:::lambda:invoke',
  timeouts: each(() => 900),
  mapConcurrency: 4,
  bucket: 'bucket',
  getObject: 'arn:aws:states:::s3:getObject',
});
process.stdout.write(mermaid(definition));
