import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { once, SMALL, s3Client } from './clients.ts';
import { DynamoItemStore } from './dynamo.ts';
import { type Environment, required } from './environment.ts';
import type { ItemStore, ObjectStore, SecretReader } from './ports.ts';
import { S3Objects } from './s3-objects.ts';
import { SecretsManagerReader } from './secrets.ts';
import { traceCalls } from './trace.ts';

/** What a prediction takes: models, the table, and the admin secret. */
export interface ServingStores {
  readonly objects: Pick<ObjectStore, 'get' | 'put'>;
  readonly items: ItemStore;
  /** Undefined where this function has no admin secret. */
  readonly adminSecret: SecretReader | undefined;
}

/**
 * The stores of the prediction function, as `openStores` opens them; apart from it, so that the function carries no client of
 * Step Functions or EventBridge, no list and no signed URL.
 *
 * @param write where traced calls go (ARBOLEDA_TRACE_CALLS=1): a line each.
 */
export function openServingStores(
  env: Environment,
  write: (line: string) => void = console.log,
): ServingStores {
  const traced = <T extends Parameters<typeof traceCalls>[0]>(made: T): T =>
    env.traceCalls ? traceCalls(made, write) : made;
  const objects = once(() => new S3Objects(traced(s3Client()), required(env.bucket, 'ARBOLEDA_BUCKET')));
  const items = once(
    () => new DynamoItemStore(traced(new DynamoDBClient(SMALL)), required(env.table, 'ARBOLEDA_TABLE')),
  );
  const { adminSecretArn } = env;
  const adminSecret = once(
    () => adminSecretArn && new SecretsManagerReader(traced(new SecretsManagerClient(SMALL)), adminSecretArn),
  );
  return {
    get objects() {
      return objects();
    },
    get items() {
      return items();
    },
    get adminSecret() {
      return adminSecret() || undefined;
    },
  };
}
