/** Every AWS client, behind small interfaces; the only room that imports the AWS SDK. */
export { DynamoItemStore } from './dynamo.ts';
export { type Environment, readEnvironment, required } from './environment.ts';
export * from './errors.ts';
export { EVENT_SOURCE, EventBridgeBus } from './eventbridge.ts';
export { MAX_ITEM_BYTES } from './limits.ts';
export { openStores, type Stores } from './open.ts';
export { openServingStores, type ServingStores } from './open-serving.ts';
export { collect, queryAll } from './paging.ts';
export type * from './ports.ts';
export { S3ObjectStore } from './s3.ts';
export { S3MultipartUploads } from './s3-multipart.ts';
export { SecretsManagerReader } from './secrets.ts';
export { executionName, SfnExecutions } from './sfn.ts';
