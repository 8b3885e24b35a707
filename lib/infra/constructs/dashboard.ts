import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { functionNames } from '../functions.ts';
import type { Metrics, ObservabilityProps } from './metrics.ts';

/** The dashboard: alarms first, then predictions, runs, functions, storage. */
export function dashboardWidgets(
  props: ObservabilityProps & { metrics: Metrics; alarms: cloudwatch.IAlarm[] },
): cloudwatch.IWidget[][] {
  const { metrics, alarms, api, functions, pipeline, storage } = props;
  const { stateMachine } = pipeline;
  const graph = (title: string, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = []) =>
    new cloudwatch.GraphWidget({ title, left, right, width: 12, height: 6 });
  const every = functionNames.map((name) => functions.all[name]);
  const lambdas = [...every, ...(functions.trainLarge ? [functions.trainLarge] : [])].map(
    (one) => one.function,
  );
  const consumed = (metricName: string) => storage.table.metric(metricName, { statistic: 'Sum' });
  return [
    [new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms, width: 24, height: 2 })],
    [
      graph(
        'Requests and errors',
        [api.restApi.metricCount()],
        [api.restApi.metricClientError(), api.restApi.metricServerError(), metrics.predict5xx],
      ),
      graph('Latency of predictions (ms)', [
        functions.all.predict.function.metricDuration({ statistic: 'p50' }),
        metrics.predictLatency,
      ]),
    ],
    [
      graph('Runs', [
        stateMachine.metricStarted(),
        stateMachine.metricSucceeded(),
        metrics.failedRuns,
        metrics.timedOutRuns,
      ]),
      graph('Time of a run (ms)', [stateMachine.metricTime()]),
    ],
    [
      graph(
        'Errors of functions',
        lambdas.map((fn) => fn.metricErrors()),
      ),
      graph(
        'Concurrency',
        lambdas.map((fn) => fn.metric('ConcurrentExecutions', { statistic: 'Maximum' })),
      ),
    ],
    [
      graph(
        'DynamoDB capacity',
        [consumed('ConsumedReadCapacityUnits')],
        [consumed('ConsumedWriteCapacityUnits')],
      ),
      graph(
        'Throttles, dead letters and alarms of models',
        [
          metrics.predictThrottles,
          metrics.apiThrottles,
          metrics.tableReadThrottles,
          metrics.tableWriteThrottles,
        ],
        [metrics.deadLetters, metrics.modelAlarms],
      ),
    ],
  ];
}
