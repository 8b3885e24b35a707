import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoItemStore } from './dynamo.ts';
import { type Environment, required } from './environment.ts';
import { EventBridgeBus } from './eventbridge.ts';
import type {
  EventBus,
  Executions,
  ItemStore,
  MultipartUploads,
  ObjectStore,
  SecretReader,
} from './ports.ts';
import { S3ObjectStore } from './s3.ts';
import { S3MultipartUploads } from './s3-multipart.ts';
import { SecretsManagerReader } from './secrets.ts';
import { SfnExecutions } from './sfn.ts';
import { traceCalls } from './trace.ts';

/** The stores of one process. Each is opened when it is first used; one whose variable is not set throws ConfigurationError. */
export interface Stores {
  readonly objects: ObjectStore;
  /** Of the same bucket as `objects`. */
  readonly multipart: MultipartUploads;
  readonly items: ItemStore;
  readonly executions: Executions;
  readonly events: EventBus;
  /** Undefined where this function has no admin secret. */
  readonly adminSecret: SecretReader | undefined;
  /** Another bucket, such as the one that holds the repo's data files. */
  bucket(name: string): ObjectStore;
}

/** A small call answers in milliseconds: past these it is lost, and another try is better than waiting. */
const SMALL = client(10_000);
/** An object may be hundreds of megabytes: only silence ends its transfer. */
const LARGE = { ...client(0), requestHandler: { connectionTimeout: 3_000, socketTimeout: 30_000 } };

function client(requestTimeout: number) {
  return {
    maxAttempts: 5,
    retryMode: 'standard' as const,
    requestHandler: { connectionTimeout: 3_000, requestTimeout, throwOnRequestTimeout: true },
  };
}

/**
 * Path style where the endpoint is the caller's own: `bucket.host` needs a wildcard in the DNS, which AWS's endpoint has and
 * others need not have. Both variables are the SDK's own.
 */
function pathStyle(env: Record<string, string | undefined>): boolean {
  return Boolean(env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL);
}

/**
 * Stores over AWS, by the variables of the function. Clients are made once, on first use.
 *
 * @param write where traced calls go (ARBOLEDA_TRACE_CALLS=1): a line each.
 * @example
 * const stores = openStores(readEnvironment(process.env));
 * const runs = new Runs(stores.items, systemClock);
 */
export function openStores(env: Environment, write: (line: string) => void = console.log): Stores {
  const traced = <T extends Parameters<typeof traceCalls>[0]>(made: T): T =>
    env.traceCalls ? traceCalls(made, write) : made;
  const s3 = once(() =>
    traced(
      new S3Client({
        ...LARGE,
        forcePathStyle: pathStyle(process.env),
        // A checksum that the SDK adds by itself would be part of a presigned URL, and no client could then use it.
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
      }),
    ),
  );
  const objects = once(() => new S3ObjectStore(s3(), required(env.bucket, 'ARBOLEDA_BUCKET')));
  const multipart = once(() => new S3MultipartUploads(s3(), required(env.bucket, 'ARBOLEDA_BUCKET')));
  const items = once(
    () => new DynamoItemStore(traced(new DynamoDBClient(SMALL)), required(env.table, 'ARBOLEDA_TABLE')),
  );
  const executions = once(
    () =>
      new SfnExecutions(
        traced(new SFNClient(SMALL)),
        required(env.stateMachineArn, 'ARBOLEDA_STATE_MACHINE_ARN'),
      ),
  );
  const events = once(
    () => new EventBridgeBus(traced(new EventBridgeClient(SMALL)), required(env.bus, 'ARBOLEDA_BUS')),
  );
  const { adminSecretArn } = env;
  const adminSecret = once(
    () => adminSecretArn && new SecretsManagerReader(traced(new SecretsManagerClient(SMALL)), adminSecretArn),
  );
  return {
    get objects() {
      return objects();
    },
    get multipart() {
      return multipart();
    },
    get items() {
      return items();
    },
    get executions() {
      return executions();
    },
    get events() {
      return events();
    },
    get adminSecret() {
      return adminSecret() || undefined;
    },
    bucket: (name) => new S3ObjectStore(s3(), name),
  };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
