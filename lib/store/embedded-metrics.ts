const NAMESPACE = 'Arboleda';

/** One number of CloudWatch's. */
export interface EmbeddedMetric {
  name: string;
  value: number;
  /** With the environment, what tells its series from others of its name. */
  dimensions: Record<string, string>;
}

/**
 * A metric as one line of the function's log, in CloudWatch's embedded format: CloudWatch takes it out of the log by itself, so
 * that no call is made, no right is needed and no time is lost. Straight to stdout: the console would put words before it.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetric({ name, value, dimensions }: EmbeddedMetric, at: Date): string {
  return JSON.stringify({
    _aws: {
      Timestamp: at.getTime(),
      CloudWatchMetrics: [
        { Namespace: NAMESPACE, Dimensions: [Object.keys(dimensions)], Metrics: [{ Name: name }] },
      ],
    },
    ...dimensions,
    [name]: value,
  });
}
