/**
 * What AWS asks for, in US dollars, without free tiers: us-east-1 (N. Virginia), on demand, first tier, functions on arm64 as this stack
 * has them (on x86_64 a GB-second is 0.0000166667). Each figure was looked up on the day in `asOf`: on AWS's own page where its
 * stored text has the figure; most of AWS's pages draw theirs by script, and there the figure is that of whoever is named beside it. AWS may
 * have changed them since, and another region asks for something else.
 */
export const PRICES = {
  region: 'us-east-1',
  currency: 'USD',
  /** When they were looked up, ISO 8601. */
  asOf: '2026-11-22',
  /**
   * A GB-second of a function on arm64, up to 7.5 billion a month. https://aws.amazon.com/lambda/pricing/ ; the figure at
   * https://cloudchipr.com/blog/aws-lambda-pricing (2024, N. Virginia): arm64 0.0000133334, x86 0.0000166667.
   */
  lambdaGbSecond: 0.0000133334,
  /**
   * On both processors. https://aws.amazon.com/lambda/pricing/ ; the figure, with both of those above, in lambda-13-cost.md of
   * https://git.mcrn.ar/mariano/lambda_local_runner (2026-05-11): 0.20 a million.
   */
  lambdaRequest: 0.2 / 1e6,
  /** A state transition of a standard workflow. https://aws.amazon.com/step-functions/pricing/ itself: 0.0250 a thousand in N. Virginia. */
  transition: 0.025 / 1e3,
  /**
   * PUT, COPY, POST, LIST of S3 Standard, parts of an upload too. https://aws.amazon.com/s3/pricing/ ; the figures of all three at
   * https://devnotes.tech/understanding-aws-s3-pricing-a-complete-cost-breakdown-with-examples (undated, US East): 0.005 and 0.0004 a
   * thousand, 0.023 a GB.
   */
  s3Put: 0.005 / 1e3,
  s3Get: 0.0004 / 1e3,
  /** A GB of S3 Standard for a month, first 50 TB. */
  s3GbMonth: 0.023,
  /**
   * A write or read unit of a table with on-demand capacity, halved on 2024-11-01. https://aws.amazon.com/dynamodb/pricing/on-demand/ ; the
   * figures at https://airbyte.com/data-engineering-resources/dynamodb-pricing (2025-07-21, US East): 0.625 and 0.125 a million.
   */
  dynamoWrite: 0.625 / 1e6,
  dynamoRead: 0.125 / 1e6,
  sources: [
    'https://aws.amazon.com/lambda/pricing/',
    'https://aws.amazon.com/step-functions/pricing/',
    'https://aws.amazon.com/s3/pricing/',
    'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  ],
} as const;
