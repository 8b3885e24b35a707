/**
 * What AWS asks for, in US dollars, without free tiers: us-east-1, on demand, functions on arm64 as this stack has them.
 * As AWS publishes them on the pages in `sources` and as they were known on the day in `asOf`; AWS may have changed them
 * since. A region asks for something else.
 */
export const PRICES = {
  region: 'us-east-1',
  currency: 'USD',
  /** ISO 8601. */
  asOf: '2026-11-22',
  /** A GB-second of a function on arm64, first tier. */
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1e6,
  /** A state transition of a standard workflow. */
  transition: 0.025 / 1e3,
  /** PUT, COPY, POST, LIST of S3 Standard. */
  s3Put: 0.005 / 1e3,
  s3Get: 0.0004 / 1e3,
  /** A GB of S3 Standard for a month, first 50 TB. */
  s3GbMonth: 0.023,
  /** A write or read unit of a table with on-demand capacity; halved on 2024-11-01. */
  dynamoWrite: 0.625 / 1e6,
  dynamoRead: 0.125 / 1e6,
  sources: [
    'https://aws.amazon.com/lambda/pricing/',
    'https://aws.amazon.com/step-functions/pricing/',
    'https://aws.amazon.com/s3/pricing/',
    'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  ],
} as const;
