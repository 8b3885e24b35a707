import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { dashboardWidgets } from './dashboard.ts';
import type { Metrics, ObservabilityProps } from './metrics.ts';

/** Threshold within five minutes, what is wrong, the section of docs/runbook.md that tells what to do, and over how many of these. */
type AlarmRule = readonly [threshold: number, what: string, section: string, periods?: number];

/** Ten: so many alarms are free. A test holds each section against the runbook. */
const alarmRules: Readonly<Record<keyof Metrics, AlarmRule>> = {
  // An aborted run was cancelled by somebody: no alarm.
  failedRuns: [1, 'A run failed.', 'A run failed'],
  timedOutRuns: [1, 'A run took longer than its state machine allows.', 'A run hangs'],
  predict5xx: [5, 'Predictions answer 5xx.', 'Predictions answer 5xx, or slowly'],
  predictLatency: [
    5000,
    'One prediction in a hundred takes over five seconds.',
    'Predictions answer 5xx, or slowly',
    3,
  ],
  predictThrottles: [1, 'Predictions were turned away.', 'Requests are turned away'],
  apiThrottles: [1, 'Requests were turned away.', 'Requests are turned away'],
  tableReadThrottles: [1, 'DynamoDB turned reads away.', 'DynamoDB turns requests away'],
  tableWriteThrottles: [1, 'DynamoDB turned writes away.', 'DynamoDB turns requests away'],
  deadLetters: [1, 'An event waits in the queue of dead letters.', 'An event could not be handled'],
  modelAlarms: [
    1,
    'A model in service drifted, or its metric is past its threshold.',
    'A model raises an alarm',
  ],
};

/** Alarms, their e-mail, and one dashboard. */
export class Observability extends Construct {
  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const metrics = this.metrics(props);
    const alarms = Object.entries(alarmRules).map(([name, [threshold, what, section, periods = 1]]) => {
      const metric = metrics[name as keyof Metrics];
      return new cloudwatch.Alarm(this, name[0]?.toUpperCase() + name.slice(1), {
        metric,
        threshold,
        alarmDescription: `${what} What to do: docs/runbook.md, "${section}"`,
        evaluationPeriods: periods,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
    });
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
    const throttles = (name: 'api' | 'predict') => functions.all[name].function.metricThrottles();
    const table = (metricName: string) => storage.table.metric(metricName, { statistic: 'Sum' });
    return {
      failedRuns: pipeline.stateMachine.metricFailed(),
      timedOutRuns: pipeline.stateMachine.metricTimedOut(),
      predict5xx: predict5xx.metric({ statistic: 'Sum' }),
      predictLatency: functions.all.predict.function.metricDuration({ statistic: 'p99' }),
      predictThrottles: throttles('predict'),
      apiThrottles: throttles('api'),
      tableReadThrottles: table('ReadThrottleEvents'),
      tableWriteThrottles: table('WriteThrottleEvents'),
      deadLetters: deadLetters.queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum' }),
      modelAlarms: new cloudwatch.Metric({
        namespace: 'Arboleda',
        metricName: 'ModelAlarms',
        dimensionsMap: { Environment: settings.env },
        statistic: 'Sum',
      }),
    };
  }

  private mail(address: string, alarms: cloudwatch.Alarm[]): void {
    // Not encrypted by a key of ours: CloudWatch could not publish by the AWS-managed one, and alarms hold no data.
    const topic = new sns.Topic(this, 'Alarms', { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(address));
    for (const alarm of alarms) alarm.addAlarmAction(new SnsAction(topic));
  }
}
