import { grouped } from '../../table/counted.ts';
import { PRICES } from './prices.ts';
import type { FunctionCall } from './usage.ts';

/** What a run used, as far as its records and files tell. */
export interface Usage {
  calls: readonly FunctionCall[];
  transitions: number;
  s3: { puts: number; gets: number; bytes: number };
  dynamo: { writes: number; reads: number };
}

export interface CostLine {
  service: 'lambda' | 'step-functions' | 's3' | 'dynamodb';
  /** Such as `train 0: 12.4 s at 3,008 MB`. */
  what: string;
  quantity: number;
  /** `GB-second`, `request`, `transition`, `write unit`, ... */
  unit: string;
  /** Dollars a unit. */
  price: number;
  /** Dollars. */
  cost: number;
}

export interface CostEstimate {
  currency: 'USD';
  region: string;
  /** The day of which the prices are, ISO 8601. */
  pricesAt: string;
  sources: readonly string[];
  /** Dollars, once. */
  total: number;
  lines: CostLine[];
  /** What keeping the run's files costs: as long as they are kept. Equal content is stored once, and counts here each time. */
  storage: { bytes: number; perMonth: number };
  assumptions: string[];
  notIncluded: string[];
}

const NOT_INCLUDED = [
  'free tiers, which cover most small deployments',
  "a function's start (cold starts) and what CloudWatch keeps of its log",
  'requests to the API and predictions',
  'attempts before the last one, and stages of other runs whose results were taken',
];

/**
 * What a run cost on AWS, by its functions' time and memory, the state machine's transitions, and what it read and wrote. An
 * estimate: no bill is read.
 */
export function estimateCost({ calls, transitions, s3, dynamo }: Usage): CostEstimate {
  const functions = calls.map((call): CostLine => {
    const gbSeconds = (call.milliseconds / 1_000) * (call.memoryMb / 1_024);
    return line('lambda', named(call), gbSeconds, 'GB-second', PRICES.lambdaGbSecond);
  });
  const lines = [
    ...functions,
    line('lambda', 'calls of functions', calls.length, 'request', PRICES.lambdaRequest),
    line('step-functions', 'states entered', transitions, 'transition', PRICES.transition),
    line('s3', 'objects written', s3.puts, 'PUT', PRICES.s3Put),
    line('s3', 'objects read', s3.gets, 'GET', PRICES.s3Get),
    line('dynamodb', 'records written', dynamo.writes, 'write unit', PRICES.dynamoWrite),
    line('dynamodb', 'records read', dynamo.reads, 'read unit', PRICES.dynamoRead),
  ];
  const { currency, region, asOf: pricesAt, sources } = PRICES;
  return {
    currency,
    region,
    pricesAt,
    sources,
    total: lines.reduce((sum, { cost }) => sum + cost, 0),
    lines,
    storage: { bytes: s3.bytes, perMonth: (s3.bytes / 2 ** 30) * PRICES.s3GbMonth },
    assumptions: assumptionsOf(calls),
    notIncluded: NOT_INCLUDED,
  };
}

const line = (
  service: CostLine['service'],
  what: string,
  quantity: number,
  unit: string,
  price: number,
): CostLine => ({ service, what, quantity, unit, price, cost: quantity * price });

function named({ stage, item, milliseconds, memoryMb }: FunctionCall): string {
  const name = item === undefined ? stage : `${stage} ${item}`;
  // Tenths of a second would show most of a small run's stages as nothing.
  const time =
    milliseconds < 999.5 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${name}: ${time} at ${grouped(memoryMb)} MB`;
}

function assumptionsOf(calls: readonly FunctionCall[]): string[] {
  const assumed = [...new Set(calls.filter((call) => call.assumedMemory).map(({ stage }) => stage))];
  return [
    'requests to S3 and DynamoDB are counted by what the run left, not one by one',
    ...(assumed.length > 0
      ? [`memory of ${assumed.join(', ')}: what a deploy gives by default, as no record tells it`]
      : []),
  ];
}
