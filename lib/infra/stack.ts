import { CfnOutput, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import type { FunctionBundle } from './bundle/index.ts';
import { AdminToken } from './constructs/admin-token.ts';
import { Api } from './constructs/api.ts';
import { DeadLetters } from './constructs/dead-letters.ts';
import { Functions } from './constructs/functions.ts';
import { Observability } from './constructs/observability.ts';
import { executionArns, Pipeline, stateMachineArn } from './constructs/pipeline.ts';
import { Schedules } from './constructs/schedules.ts';
import { Sources } from './constructs/sources.ts';
import { Storage } from './constructs/storage.ts';
import type { Settings } from './settings.ts';

/** What the stack needs to know of a pipeline. */
export interface PipelineFacts {
  name: string;
  /** `cron(...)` or `rate(...)`. */
  schedule?: string | undefined;
  /** Absolute path of the data file that lies beside the definition, if any. */
  file?: string | undefined;
  /** It collects batches. */
  collects?: boolean | undefined;
  collectorUrl?: string | undefined;
}

export interface ArboledaStackProps {
  settings: Settings;
  bundles: Readonly<Record<string, FunctionBundle>>;
  pipelines: readonly PipelineFacts[];
  lockfileSha256: string;
}

/** One environment of Arboleda: all of it in one stack, for any account and region. */
export class ArboledaStack extends Stack {
  readonly storage: Storage;

  constructor(scope: Construct, id: string, props: ArboledaStackProps) {
    const { settings, bundles, pipelines, lockfileSha256 } = props;
    super(scope, id, {
      description: `Arboleda (${settings.env}): serverless MLOps for tabular models`,
      terminationProtection: settings.removalPolicy === 'retain',
    });
    const storage = new Storage(this, 'Storage', settings);
    this.storage = storage;
    const adminToken = new AdminToken(this, 'AdminToken', settings);
    const bus = new events.EventBus(this, 'Bus', { eventBusName: `arboleda-${settings.env}` });
    const deadLetters = new DeadLetters(this, 'DeadLetters');
    const sources = new Sources(this, 'Sources', pipelines);
    const functions = new Functions(this, 'Functions', {
      settings,
      bundles,
      targets: {
        tableArn: storage.table.tableArn,
        bucketArn: storage.bucket.bucketArn,
        stateMachineArn: stateMachineArn(this, settings.env),
        executionArns: executionArns(this, settings.env),
        busArn: bus.eventBusArn,
        secretArn: adminToken.secret.secretArn,
        sourceArns: sources.objectArns,
      },
      deadLetters: deadLetters.queue,
      tableName: storage.table.tableName,
      bucketName: storage.bucket.bucketName,
      busName: bus.eventBusName,
      lockfileSha256,
      sources: sources.places,
      collectorUrls: Object.fromEntries(
        pipelines.flatMap(({ name, collectorUrl }) => (collectorUrl ? [[name, collectorUrl]] : [])),
      ),
    });
    const pipeline = new Pipeline(this, 'Pipeline', { settings, functions, bucket: storage.bucket });
    new Schedules(this, 'Schedules', {
      settings,
      pipelines,
      stateMachineArn: stateMachineArn(this, settings.env),
      start: functions.all.start.function,
      close: functions.all.close.function,
      collect: functions.all.collect.function,
      monitor: functions.all.monitor.function,
      deadLetters,
    });
    const api = new Api(this, 'Api', {
      settings,
      api: functions.all.api.function,
      predict: functions.all.predict.function,
      samples: functions.samples?.function,
    });
    new Observability(this, 'Observability', { settings, api, functions, pipeline, storage, deadLetters });

    const outputs = {
      ApiUrl: api.restApi.url,
      AdminTokenSecretArn: adminToken.secret.secretArn,
      BucketName: storage.bucket.bucketName,
      TableName: storage.table.tableName,
      StateMachineArn: pipeline.stateMachine.stateMachineArn,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
