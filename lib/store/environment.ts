import * as z from 'zod';
import { ConfigurationError } from './errors.ts';

const sources = z.record(z.string(), z.object({ bucket: z.string().min(1), key: z.string().min(1) }));

/** JSON in a variable. */
const json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: 'custom', message: 'is no JSON' });
    return z.NEVER;
  }
});

const urls = z.record(z.string(), z.url({ protocol: /^https?$/ }));

const training = z.strictObject({
  memory: z.number().positive(),
  largeMemory: z.number().positive().optional(),
  seconds: z.number().positive(),
  concurrency: z.int().positive(),
});

const variable = z.string().trim().min(1).optional();
const variables = z.object({
  ARBOLEDA_TABLE: variable,
  ARBOLEDA_BUCKET: variable,
  ARBOLEDA_STATE_MACHINE_ARN: z
    .string()
    .regex(/^arn:[^:]+:states:[^:]*:[^:]*:stateMachine:[^:]+$/)
    .optional(),
  ARBOLEDA_BUS: variable,
  ARBOLEDA_ADMIN_SECRET_ARN: variable,
  ARBOLEDA_CODE_VERSION: variable,
  ARBOLEDA_LOCKFILE_SHA256: variable,
  ARBOLEDA_ENVIRONMENT: variable,
  ARBOLEDA_DEFAULT_MODEL: variable,
  ARBOLEDA_SOURCES: json.pipe(sources).optional(),
  ARBOLEDA_TRAINING: json.pipe(training).optional(),
  ARBOLEDA_COLLECTOR_URLS: json.pipe(urls).optional(),
  ARBOLEDA_COLLECT_PRIVATE: z.enum(['0', '1', '']).optional(),
  ARBOLEDA_SCHEDULES: z.enum(['on', 'off']).optional(),
  ARBOLEDA_TRACE_CALLS: z.enum(['0', '1', '']).optional(),
  // Lambda's own: what is no number there is none of our business.
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: z.coerce.number().int().positive().optional().catch(undefined),
});

/** What the stack tells a function. Each function has only what it uses, so every entry may be absent. */
export interface Environment {
  table?: string;
  bucket?: string;
  stateMachineArn?: string;
  bus?: string;
  adminSecretArn?: string;
  /** SHA-256 of this function's bundle. */
  codeVersion?: string;
  lockfileSha256?: string;
  /** MB that the function has, as Lambda says. */
  memoryMb?: number;
  /** `dev`, `prod`, ... */
  environment: string;
  defaultModel?: string;
  /** Pipeline name to the object that holds its file of the repo. */
  sources: Record<string, { bucket: string; key: string }>;
  /** Memory in MB of the functions that train, seconds that one should take, and how many run at once: for plan. */
  training?: z.output<typeof training>;
  /** Pipeline to the URL that its collector asks, where the deploy's environment named one. */
  collectorUrls: Record<string, string>;
  /** Whether the collector may call private and loopback addresses. */
  collectPrivate: boolean;
  /** Every rule that starts runs by the clock is deployed disabled. */
  schedulesOff: boolean;
  traceCalls: boolean;
}

/**
 * The function's variables, checked. An empty one counts as absent, since some hosts pass on what they inherited.
 *
 * @throws ConfigurationError naming the variable that is wrong.
 */
export function readEnvironment(env: Record<string, string | undefined>): Environment {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = variables.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0] ?? 'environment');
    throw new ConfigurationError(`${name} ${issue?.message ?? 'is wrong'}`, { field: name });
  }
  const { data } = parsed;
  return {
    table: data.ARBOLEDA_TABLE,
    bucket: data.ARBOLEDA_BUCKET,
    stateMachineArn: data.ARBOLEDA_STATE_MACHINE_ARN,
    bus: data.ARBOLEDA_BUS,
    adminSecretArn: data.ARBOLEDA_ADMIN_SECRET_ARN,
    codeVersion: data.ARBOLEDA_CODE_VERSION,
    lockfileSha256: data.ARBOLEDA_LOCKFILE_SHA256,
    memoryMb: data.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    environment: data.ARBOLEDA_ENVIRONMENT ?? 'dev',
    defaultModel: data.ARBOLEDA_DEFAULT_MODEL,
    sources: data.ARBOLEDA_SOURCES ?? {},
    training: data.ARBOLEDA_TRAINING,
    collectorUrls: data.ARBOLEDA_COLLECTOR_URLS ?? {},
    collectPrivate: data.ARBOLEDA_COLLECT_PRIVATE === '1',
    schedulesOff: data.ARBOLEDA_SCHEDULES === 'off',
    traceCalls: data.ARBOLEDA_TRACE_CALLS === '1',
  };
}

/** A variable that this function cannot work without. @throws ConfigurationError where it is absent. */
export function required(value: string | undefined, variable: string): string {
  if (value === undefined) throw new ConfigurationError(`${variable} is not set`, { field: variable });
  return value;
}
