import { Stack } from 'aws-cdk-lib';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionBundle } from '../bundle/index.ts';
import {
  constructId,
  type FunctionName,
  type FunctionSpec,
  functionNames,
  functionSpecs,
  type OptionalName,
} from '../functions.ts';
import type { Settings } from '../settings.ts';
import { LARGE } from '../state-machine/index.ts';
import { ArboledaFunction } from './function.ts';
import { type AccessTargets, accessStatements } from './role-policy.ts';
import type { DeployedSource } from './sources.ts';

export interface FunctionsProps {
  settings: Settings;
  bundles: Readonly<Record<string, FunctionBundle>>;
  targets: AccessTargets;
  deadLetters: sqs.IQueue;
  tableName: string;
  bucketName: string;
  busName: string;
  lockfileSha256: string;
  sources: Readonly<Record<string, DeployedSource>>;
  /** Pipeline to what its collector asks. */
  collectorUrls: Readonly<Record<string, string>>;
}

/** Functions that EventBridge invokes, so that nobody waits for their answer. */
const invokedByEvents: ReadonlySet<FunctionName | OptionalName> = new Set([
  'start',
  'close',
  'collect',
  'monitor',
]);

/** All functions of the stack, by name. */
export class Functions extends Construct {
  readonly all: Readonly<Record<FunctionName, ArboledaFunction>>;
  /** `train` again with more memory, hence more vCPUs: the same bundle, so that results are the same by content key. */
  readonly trainLarge?: ArboledaFunction;
  /** Where the setting `samples` asks for it. */
  readonly samples?: ArboledaFunction;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const made = functionNames.map((name) => [name, this.make(name, functionSpecs[name], props)] as const);
    this.all = Object.fromEntries(made) as Record<FunctionName, ArboledaFunction>;
    if (props.settings.samples) this.samples = this.make('samples', functionSpecs.samples, props);
    const memory = props.settings['memory.trainLarge'];
    if (memory !== undefined) {
      this.trainLarge = this.make('train', { ...functionSpecs.train, memory }, props, LARGE);
    }
  }

  private make(
    source: FunctionName | OptionalName,
    spec: FunctionSpec,
    props: FunctionsProps,
    name: string = source,
  ): ArboledaFunction {
    const bundle = props.bundles[source];
    if (bundle === undefined) throw new Error(`no bundle of the function ${source}`);
    return new ArboledaFunction(this, constructId(name), {
      name,
      spec,
      bundle,
      settings: props.settings,
      environment: environmentOf(this, source, bundle, props),
      statements: accessStatements(spec.access, props.targets),
      ...(invokedByEvents.has(source) && { deadLetters: props.deadLetters }),
    });
  }
}

/** Each function gets only what it uses. */
function environmentOf(
  scope: Construct,
  name: FunctionName | OptionalName,
  bundle: FunctionBundle,
  props: FunctionsProps,
) {
  const { access, plansTraining, collects } = functionSpecs[name];
  const { settings, targets } = props;
  return {
    NODE_OPTIONS: '--enable-source-maps',
    ARBOLEDA_ENVIRONMENT: settings.env,
    ARBOLEDA_CODE_VERSION: bundle.codeVersion,
    ARBOLEDA_LOCKFILE_SHA256: props.lockfileSha256,
    ARBOLEDA_TABLE: props.tableName,
    ARBOLEDA_BUCKET: props.bucketName,
    ...(plansTraining && { ARBOLEDA_TRAINING: JSON.stringify(trainingLimits(settings)) }),
    ...(collects && collecting(props)),
    ...(access.executions && { ARBOLEDA_STATE_MACHINE_ARN: targets.stateMachineArn }),
    ...(access.bus && { ARBOLEDA_BUS: props.busName }),
    ...(access.adminSecret && { ARBOLEDA_ADMIN_SECRET_ARN: targets.secretArn }),
    ...((name === 'api' || name === 'predict') && { ARBOLEDA_DEFAULT_MODEL: settings.defaultModel }),
    ...(name === 'api' && settings.schedules === 'off' && { ARBOLEDA_SCHEDULES: 'off' }),
    ...(access.sources && { ARBOLEDA_SOURCES: Stack.of(scope).toJsonString(props.sources) }),
    ...(settings.traceCalls === '1' && { ARBOLEDA_TRACE_CALLS: '1' }),
  };
}

/** What the collector is told of a deploy. */
const collecting = ({ settings, collectorUrls }: FunctionsProps) => ({
  ...(Object.keys(collectorUrls).length > 0 && {
    ARBOLEDA_COLLECTOR_URLS: JSON.stringify(collectorUrls),
  }),
  ...(settings.collectPrivate === 'on' && { ARBOLEDA_COLLECT_PRIVATE: '1' }),
});

/** What lib/pipeline's plan reads as its TrainingLimits. */
const trainingLimits = (settings: Settings) => ({
  memory: settings.memory,
  largeMemory: settings['memory.trainLarge'],
  seconds: settings.trainSeconds,
  concurrency: settings.mapConcurrency,
});
