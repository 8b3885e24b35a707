import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { inject } from 'vitest';

const settings = () => ({
  endpoint: inject('stack').endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** Clients of the services behind the app, for what a test does to it from outside. */
export const stepFunctions = () => new SFNClient(settings());
export const eventBridge = () => new EventBridgeClient(settings());
export const s3 = () => new S3Client({ ...settings(), forcePathStyle: true });
export const dynamo = () => new DynamoDBClient(settings());

/** Calls a function of the stack by its short name, as its trigger would. */
export async function invoke(name: string, event: unknown): Promise<unknown> {
  const { endpoint, stackName } = inject('stack');
  const response = await fetch(`${endpoint}/2015-03-31/functions/${stackName}-${name}/invocations`, {
    method: 'POST',
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0',
      'content-type': 'application/json',
    },
    body: JSON.stringify(event),
  });
  const answer = (await response.json()) as { errorType?: string; errorMessage?: string };
  if (response.headers.get('x-amz-function-error'))
    throw new Error(`${answer.errorType}: ${answer.errorMessage}`);
  return answer;
}
