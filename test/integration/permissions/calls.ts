import type { FunctionName } from '../../../lib/infra/index.ts';
import type { TracedCall } from '../../../lib/store/trace.ts';
import type { Deployment, Right } from './policy.ts';

/** Every AWS call that a function has logged since the stack was made (ARBOLEDA_TRACE_CALLS=1). */
export async function tracedCalls(
  endpoint: string,
  stackName: string,
  name: FunctionName,
): Promise<TracedCall[]> {
  const calls: TracedCall[] = [];
  let nextToken: string | undefined;
  do {
    const page = await filterLogEvents(endpoint, {
      logGroupName: `/aws/lambda/${stackName}-${name}`,
      nextToken,
    });
    for (const { message } of page.events ?? []) {
      const start = message.indexOf('{"aws":');
      if (start >= 0) calls.push((JSON.parse(message.slice(start)) as { aws: TracedCall }).aws);
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return calls;
}

interface LogPage {
  events?: { message: string }[];
  nextToken?: string;
}

async function filterLogEvents(endpoint: string, input: Record<string, unknown>): Promise<LogPage> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.FilterLogEvents',
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(input),
  });
  if (!response.ok) throw new Error(`FilterLogEvents: ${response.status} ${await response.text()}`);
  return (await response.json()) as LogPage;
}

const s3Actions: Record<string, string> = {
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  PutObject: 's3:PutObject',
  DeleteObject: 's3:DeleteObject',
  ListObjectsV2: 's3:ListBucket',
};

/** The rights that a call asks for: IAM's names for action and resource. @throws Error for a call that is not known here. */
export function needs(call: TracedCall, { account, region }: Deployment): Right[] {
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
  switch (call.service) {
    case 'S3': {
      const action = s3Actions[call.operation];
      if (action === undefined) break;
      const [bucket = ''] = call.resource.split('/');
      return [{ action, resource: `arn:aws:s3:::${action === 's3:ListBucket' ? bucket : call.resource}` }];
    }
    case 'DynamoDB':
      return (call.actions ?? [call.operation]).map((operation) => ({
        action: `dynamodb:${operation}`,
        resource: arn('dynamodb', `table/${call.resource}`),
      }));
    case 'SFN':
      return [{ action: `states:${call.operation}`, resource: call.resource }];
    case 'EventBridge':
      return [{ action: `events:${call.operation}`, resource: arn('events', `event-bus/${call.resource}`) }];
    case 'SecretsManager':
      return [{ action: `secretsmanager:${call.operation}`, resource: call.resource }];
  }
  throw new Error(`a call that this test does not know: ${JSON.stringify(call)}`);
}
