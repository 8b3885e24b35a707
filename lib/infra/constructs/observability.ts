import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import type { Api } from './api.ts';
import { dashboardWidgets } from './dashboard.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Functions } from './functions.ts';
import type { Pipeline } from './pipeline.ts';
import type { Storage } from './storage.ts';

export interface ObservabilityProps {
  settings: Settings;
  api: Api;
  functions: Functions;
  pipeline: Pipeline;
  storage: Storage;
  deadLetters: DeadLetters;
}

/** The metrics that alarms and the dashboard share. Free ones of AWS, but for `predict5xx`, a filter on the access log. */
export interface Metrics {
  failedRuns: cloudwatch.IMetric;
  predict5xx: cloudwatch.IMetric;
  predictLatency: cloudwatch.IMetric;
  functionThrottles: cloudwatch.IMetric;
  tableThrottles: cloudwatch.IMetric;
  deadLetters: cloudwatch.IMetric;
}

/** Alarms, their e-mail, and one dashboard. */
export class Observability extends Construct {
  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const metrics = this.metrics(props);
    const alarms = [
      this.alarm(
        'FailedRuns',
        metrics.failedRuns,
        1,
        'A run failed, timed out or was aborted: npx arboleda runs',
      ),
      this.alarm(
        'Predict5xx',
        metrics.predict5xx,
        5,
        'Predictions answer 5xx: see the access log and the log of predict',
      ),
      this.alarm(
        'PredictLatency',
        metrics.predictLatency,
        5000,
        'One prediction in a hundred takes over 5 s',
        3,
      ),
      this.alarm(
        'FunctionThrottles',
        metrics.functionThrottles,
        1,
        'A function was throttled: raise the quota of concurrency',
      ),
      this.alarm('TableThrottles', metrics.tableThrottles, 1, 'DynamoDB throttled a read or a write'),
      this.alarm('DeadLetters', metrics.deadLetters, 1, 'An event could not be handled: docs/runbook.md'),
    ];
    if (props.settings.alarmEmail !== undefined) this.mail(props.settings.alarmEmail, alarms);
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: `arboleda-${props.settings.env}`,
      defaultInterval: Duration.days(1),
      widgets: dashboardWidgets({ metrics, alarms, ...props }),
    });
  }

  private metrics({ settings, api, functions, pipeline, storage, deadLetters }: ObservabilityProps): Metrics {
    const predict5xx = new logs.MetricFilter(this, 'Predict5xxFilter', {
      logGroup: api.accessLog,
      metricNamespace: 'Arboleda',
      metricName: `predict-5xx-${settings.env}`,
      filterPattern: logs.FilterPattern.literal('{ $.status = "5*" && $.resource = "*predict*" }'),
      metricValue: '1',
    });
    const { stateMachine } = pipeline;
    const { table } = storage;
    const throttles = (name: 'api' | 'predict' | 'train') => functions.all[name].function.metricThrottles();
    const tableMetric = (metricName: string) => table.metric(metricName, { statistic: 'Sum' });
    return {
      failedRuns: sum({
        failed: stateMachine.metricFailed(),
        timedOut: stateMachine.metricTimedOut(),
        aborted: stateMachine.metricAborted(),
      }),
      predict5xx: predict5xx.metric({ statistic: 'Sum' }),
      predictLatency: functions.all.predict.function.metricDuration({ statistic: 'p99' }),
      functionThrottles: sum({
        api: throttles('api'),
        predict: throttles('predict'),
        train: throttles('train'),
      }),
      tableThrottles: sum({
        reads: tableMetric('ReadThrottleEvents'),
        writes: tableMetric('WriteThrottleEvents'),
      }),
      deadLetters: deadLetters.queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
    };
  }

  private alarm(
    id: string,
    metric: cloudwatch.IMetric,
    threshold: number,
    alarmDescription: string,
    periods = 1,
  ) {
    return new cloudwatch.Alarm(this, id, {
      metric,
      threshold,
      alarmDescription,
      evaluationPeriods: periods,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }

  private mail(address: string, alarms: cloudwatch.Alarm[]): void {
    // Not encrypted by a key of ours: CloudWatch could not publish by the AWS-managed one, and alarms hold no data.
    const topic = new sns.Topic(this, 'Alarms', { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(address));
    for (const alarm of alarms) alarm.addAlarmAction(new SnsAction(topic));
  }
}

/** Sum over five minutes of metrics that count; one that has no data counts 0. */
function sum(usingMetrics: Record<string, cloudwatch.IMetric>): cloudwatch.MathExpression {
  const terms = Object.keys(usingMetrics).map((name) => `FILL(${name}, 0)`);
  return new cloudwatch.MathExpression({
    expression: terms.join(' + '),
    usingMetrics,
    period: Duration.minutes(5),
  });
}
