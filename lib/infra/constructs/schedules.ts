import { createHash } from 'node:crypto';
import { Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import type { DeadLetters } from './dead-letters.ts';

/** How often models are looked at: the width of the finest buckets. */
const MONITOR_MINUTES = 5;

export interface SchedulesProps {
  settings: Settings;
  /** Pipelines that have a schedule: `cron(...)` or `rate(...)`. */
  pipelines: readonly { name: string; schedule?: string | undefined; collects?: boolean | undefined }[];
  stateMachineArn: string;
  start: lambda.IFunction;
  close: lambda.IFunction;
  collect: lambda.IFunction;
  monitor: lambda.IFunction;
  deadLetters: DeadLetters;
}

/** The rules: one for each pipeline's schedule, one for the collector, one for the monitor, and one for executions that ended without closing their run. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    const prefix = `arboleda-${props.settings.env}-`;
    for (const pipeline of props.pipelines) {
      if (pipeline.schedule === undefined) continue;
      const rule = new events.Rule(this, `Schedule-${pipeline.name}`, {
        ruleName: ruleName(`${prefix}schedule-`, pipeline.name),
        description: `Arboleda ${props.settings.env}: runs the pipeline ${pipeline.name}`,
        schedule: events.Schedule.expression(pipeline.schedule),
        enabled: props.settings.schedules === 'on',
      });
      rule.addTarget(
        target(props.start, props.deadLetters.queue, {
          workspace: 'default',
          pipeline: pipeline.name,
          eventId: events.EventField.eventId,
          trigger: 'schedule',
        }),
      );
    }
    const collects = props.pipelines.some((pipeline) => pipeline.collects);
    if (collects) {
      // One for all pipelines that collect, at EventBridge's shortest; the function polls more often where batches change faster.
      const rule = new events.Rule(this, 'Collect', {
        ruleName: `${prefix}collect`,
        description: `Arboleda ${props.settings.env}: asks the sources of collected batches`,
        schedule: events.Schedule.rate(Duration.minutes(1)),
        enabled: props.settings.schedules === 'on',
      });
      rule.addTarget(target(props.collect, props.deadLetters.queue, { workspace: 'default' }));
    }
    // Where nothing was predicted since, a tick is three small reads a model.
    const watching = new events.Rule(this, 'Monitor', {
      ruleName: `${prefix}monitor`,
      description: `Arboleda ${props.settings.env}: watches models in service`,
      schedule: events.Schedule.rate(Duration.minutes(MONITOR_MINUTES)),
      enabled: props.settings.schedules === 'on',
    });
    watching.addTarget(target(props.monitor, props.deadLetters.queue, {}));
    // Catch in the state machine sees neither a timeout nor an abort of the execution itself.
    const ended = new events.Rule(this, 'ExecutionEnded', {
      ruleName: `${prefix}execution-ended`,
      description: `Arboleda ${props.settings.env}: closes the run of an execution that failed, timed out or was aborted`,
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [props.stateMachineArn] },
      },
    });
    ended.addTarget(target(props.close, props.deadLetters.queue));

    const { partition, region, account } = Stack.of(this);
    const rules = `arn:${partition}:events:${region}:${account}:rule/${prefix}`;
    props.deadLetters.acceptFromRules(`${rules}*`);
    // One permission for all schedules: one each would fill Lambda's 20 KB of policy at some 50 pipelines.
    permit(this, 'StartPermission', props.start, `${rules}schedule-*`);
    if (collects) permit(this, 'CollectPermission', props.collect, `${rules}collect`);
    permit(this, 'MonitorPermission', props.monitor, `${rules}monitor`);
    permit(this, 'ClosePermission', props.close, `${rules}execution-ended`);
  }
}

function permit(scope: Construct, id: string, fn: lambda.IFunction, ruleArn: string): void {
  new lambda.CfnPermission(scope, id, {
    action: 'lambda:InvokeFunction',
    functionName: fn.functionArn,
    principal: 'events.amazonaws.com',
    sourceArn: ruleArn,
  });
}

/** A function as a target, without the permission that CDK's own target would make for each rule. */
function target(
  fn: lambda.IFunction,
  queue: sqs.IQueue,
  input?: Record<string, unknown>,
): events.IRuleTarget {
  return {
    bind: () => ({
      arn: fn.functionArn,
      targetResource: fn,
      deadLetterConfig: { arn: queue.queueArn },
      retryPolicy: { maximumRetryAttempts: 8, maximumEventAgeInSeconds: Duration.hours(1).toSeconds() },
      ...(input && { input: events.RuleTargetInput.fromObject(input) }),
    }),
  };
}

/** EventBridge takes 64 characters: a longer name is cut and told apart by its hash. */
export function ruleName(prefix: string, pipeline: string): string {
  const name = `${prefix}${pipeline}`;
  if (name.length <= 64) return name;
  return `${name.slice(0, 55)}-${createHash('sha256').update(pipeline).digest('hex').slice(0, 8)}`;
}
