import type { Node } from 'constructs';
import * as z from 'zod';
import { BadDefinitionError } from '../errors/index.ts';

/** A `-c name=value` that cannot be used. Found at synthesis, before anything is deployed. */
export class BadSettingError extends BadDefinitionError {
  static override readonly code: string = 'BAD_SETTING';
  static override readonly remedy: string =
    'Correct the `-c name=value` of cdk; docs/decisions/0010-infra.md lists them.';
}

/** The command line gives text. */
const wholeNumber = (low: number, high: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
    z
      .number('must be a whole number')
      .int('must be a whole number')
      .min(low, `must be ${low} to ${high}`)
      .max(high, `must be ${low} to ${high}`),
  );

/** The days that CloudWatch Logs accepts as a retention. */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Every setting of a deploy, by its context name. */
export const settingsSchema = z.object({
  /** Part of every physical name: `arboleda-<env>`. */
  env: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,15}$/, 'must be 1 to 16 of a-z, 0-9 and -, beginning with a letter')
    .default('dev'),
  /** What becomes of the bucket, the table and the secret when the stack goes. `prod` retains unless told otherwise. */
  removalPolicy: z.enum(['retain', 'destroy']).optional(),
  /** Alarms are sent here, once the address has confirmed. */
  alarmEmail: z.email('must be an e-mail address').optional(),
  /** MB of the functions that hold data in memory. New AWS accounts cannot go above 3,008. */
  memory: wholeNumber(128, 10_240).default(3008),
  /**
   * MB of a second, larger training function, `train-large`, for what does not fit the first. Off where absent: it costs
   * nothing while idle, but new AWS accounts cannot go above 3,008.
   */
  'memory.trainLarge': wholeNumber(128, 10_240).optional(),
  /** Seconds of work at which a candidate is split over several functions: fewer seconds, more functions at once. */
  trainSeconds: wholeNumber(10, 800).default(600),
  /** How many candidates train at once. New AWS accounts run 10 functions at once in all. */
  mapConcurrency: wholeNumber(1, 40).default(4),
  logRetentionDays: wholeNumber(1, 3653)
    .refine((days) => retentionDays.includes(days), `must be one of ${retentionDays.join(', ')}`)
    .default(30),
  /** The registered model that `POST /predict` serves. */
  defaultModel: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be a model name')
    .default('housing'),
  /** `off` deploys every schedule's rule disabled. */
  schedules: z.enum(['on', 'off']).default('on'),
  /** `on`: the collector may call private and loopback addresses too, as a source on an emulator's own machine has. */
  collectPrivate: z.enum(['on', 'off']).default('off'),
  /** `true` deploys a source of batches to try the collector on: `GET /samples/PIPELINE/data`. */
  samples: z
    .union([z.literal('true'), z.literal('false'), z.boolean()])
    .transform((value) => value === true || value === 'true')
    .default(false),
  /** 1: functions log each AWS call as one JSON line, for the test of their roles. */
  traceCalls: z
    .union([z.literal('1'), z.literal(1), z.literal('0'), z.literal(0)])
    .transform(String)
    .default('0'),
  /** Workspaces whose uploads and prediction logs expire: S3's lifecycle rules go by literal prefix. */
  workspaces: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*(,[a-z0-9][a-z0-9-]*)*$/, 'must be workspace names separated by commas')
    .default('default')
    .transform((names) => names.split(',')),
});

export type Settings = Omit<z.output<typeof settingsSchema>, 'removalPolicy'> & {
  removalPolicy: 'retain' | 'destroy';
};

/**
 * The settings from a plain object of context values.
 *
 * @throws BadSettingError naming each wrong setting, its value and what it must be.
 * @example parseSettings({ env: 'prod', alarmEmail: 'ops@example.org' }).removalPolicy // 'retain'
 */
export function parseSettings(values: Record<string, unknown>): Settings {
  const parsed = settingsSchema.safeParse(values);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return `-c ${name}=${JSON.stringify(values[name])}: ${issue.message}`;
    });
    throw new BadSettingError(`wrong setting: ${issues.join('; ')}`, {
      field: String(parsed.error.issues[0]?.path[0]),
    });
  }
  const { removalPolicy, ...rest } = parsed.data;
  return { ...rest, removalPolicy: removalPolicy ?? (rest.env === 'prod' ? 'retain' : 'destroy') };
}

/** The settings that `cdk -c name=value` (or cdk.json's `context`) gave. */
export function settingsFromContext(node: Node): Settings {
  const names = Object.keys(settingsSchema.shape);
  const values = names.map((name) => [name, node.tryGetContext(name)] as const);
  return parseSettings(Object.fromEntries(values.filter(([, value]) => value !== undefined)));
}
