import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SFNClient } from '@aws-sdk/client-sfn';
import { once, SMALL, s3Client } from './clients.ts';
import { type Environment, required } from './environment.ts';
import { EventBridgeBus } from './eventbridge.ts';
import { openServingStores, type ServingStores } from './open-serving.ts';
import type { EventBus, Executions, MultipartUploads, ObjectStore } from './ports.ts';
import { S3ObjectStore } from './s3.ts';
import { S3MultipartUploads } from './s3-multipart.ts';
import { SfnExecutions } from './sfn.ts';
import { traceCalls } from './trace.ts';

/** The stores of one process. Each is opened when it is first used; one whose variable is not set throws ConfigurationError. */
export interface Stores extends ServingStores {
  readonly objects: ObjectStore;
  /** Of the same bucket as `objects`. */
  readonly multipart: MultipartUploads;
  readonly executions: Executions;
  readonly events: EventBus;
  /** Another bucket, such as the one that holds the repo's data files. */
  bucket(name: string): ObjectStore;
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
  const serving = openServingStores(env, write);
  const s3 = once(() => traced(s3Client()));
  const objects = once(() => new S3ObjectStore(s3(), required(env.bucket, 'ARBOLEDA_BUCKET')));
  const multipart = once(() => new S3MultipartUploads(s3(), required(env.bucket, 'ARBOLEDA_BUCKET')));
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
  return {
    get objects() {
      return objects();
    },
    get multipart() {
      return multipart();
    },
    get items() {
      return serving.items;
    },
    get executions() {
      return executions();
    },
    get events() {
      return events();
    },
    get adminSecret() {
      return serving.adminSecret;
    },
    bucket: (name) => new S3ObjectStore(s3(), name),
  };
}
