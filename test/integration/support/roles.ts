import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { z } from 'zod';
import { readOutputs } from '../../../bin/local/deploy.ts';

/** A call to AWS that a function recorded (ARBOLEDA_TRACE_CALLS). */
export interface Call {
  service: string;
  operation: string;
  resource: string;
  actions?: string[];
}

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
}

interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's properties have no one shape.
  Properties: any;
}

/** Where the name of an operation is not that of the action which allows it (Service Authorization Reference). */
const ACTIONS: Record<string, string> = {
  'S3:HeadObject': 's3:GetObject',
  'S3:ListObjectsV2': 's3:ListBucket',
  'S3:DeleteObjects': 's3:DeleteObject',
  'S3:CreateMultipartUpload': 's3:PutObject',
  'S3:UploadPart': 's3:PutObject',
  'S3:CompleteMultipartUpload': 's3:PutObject',
};
const PREFIXES: Record<string, string> = {
  S3: 's3',
  DynamoDB: 'dynamodb',
  SFN: 'states',
  EventBridge: 'events',
  SecretsManager: 'secretsmanager',
};

const ACCOUNT = { partition: 'aws', region: 'us-east-1', account: '000000000000' };

/** The IAM actions that a call asks for. */
export function actionsOf(call: Call): string[] {
  const prefix = PREFIXES[call.service] ?? `unknown-service-${call.service}`;
  if (call.actions) return call.actions.map((name) => `${prefix}:${name}`);
  return [ACTIONS[`${call.service}:${call.operation}`] ?? `${prefix}:${call.operation}`];
}

/** The ARN that a call is about. */
export function arnOf({ service, operation, resource }: Call): string {
  const { region, account } = ACCOUNT;
  switch (service) {
    case 'S3':
      return `arn:aws:s3:::${operation === 'ListObjectsV2' ? resource.split('/')[0] : resource}`;
    case 'DynamoDB':
      return `arn:aws:dynamodb:${region}:${account}:table/${resource}`;
    case 'EventBridge':
      return `arn:aws:events:${region}:${account}:event-bus/${resource}`;
    default:
      return resource;
  }
}

/** The template of the deployment, and what its functions' roles allow. */
export class Roles {
  readonly #resources: Record<string, Resource>;
  readonly #outputs: Record<string, string>;

  constructor(dir = inject('stack').dir) {
    const { stackName, outputs } = readOutputs(join(dir, 'outputs.json'));
    const template = JSON.parse(readFileSync(join(dir, 'cdk.out', `${stackName}.template.json`), 'utf8'));
    this.#resources = z.object({ Resources: z.record(z.string(), z.any()) }).parse(template).Resources;
    this.#outputs = outputs;
  }

  /** The names of the functions, such as `arboleda-dev-ingest`. */
  functions(): string[] {
    const names = Object.values(this.#resources)
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties }) => String(Properties.FunctionName));
    return names.sort();
  }

  /** The actions of the call that the function's role does not allow on its resource. */
  refused(functionName: string, call: Call): string[] {
    const arn = arnOf(call);
    const allowed = this.#statements(functionName).flatMap(({ Action, Resource }) =>
      [Action]
        .flat()
        .flatMap((action) => [Resource].flat().map((one) => ({ action, resource: this.#text(one) }))),
    );
    return actionsOf(call).filter(
      (wanted) => !allowed.some(({ action, resource }) => matches(action, wanted) && matches(resource, arn)),
    );
  }

  #statements(functionName: string): Statement[] {
    const found = Object.values(this.#resources).find(
      ({ Properties }) => Properties?.FunctionName === functionName,
    );
    const role = this.#resources[found?.Properties.Role['Fn::GetAtt'][0]];
    const policies: { PolicyDocument: { Statement: Statement[] } }[] = role?.Properties.Policies ?? [];
    return policies
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Effect }) => Effect === 'Allow');
  }

  /** A CloudFormation value as text; what cannot be known is a text that matches nothing. */
  #text(value: unknown): string {
    if (typeof value === 'string') return value;
    const [[name, inner] = ['', undefined]] = Object.entries(value as Record<string, unknown>);
    const { partition, region, account } = ACCOUNT;
    const pseudo: Record<string, string> = {
      'AWS::Partition': partition,
      'AWS::Region': region,
      'AWS::AccountId': account,
    };
    switch (name) {
      case 'Fn::Join':
        return (inner as [string, unknown[]])[1].map((part) => this.#text(part)).join((inner as [string])[0]);
      case 'Fn::Sub':
        return String(inner).replace(/\$\{([^}]+)\}/g, (_, key: string) => pseudo[key] ?? `<${key}>`);
      case 'Ref':
        return pseudo[String(inner)] ?? this.#physical(String(inner));
      case 'Fn::GetAtt':
        return this.#physical(String((inner as string[])[0]));
      default:
        return `<${name}>`;
    }
  }

  #physical(id: string): string {
    const { region, account } = ACCOUNT;
    const resource = this.#resources[id];
    switch (resource?.Type) {
      case 'AWS::S3::Bucket':
        return `arn:aws:s3:::${this.#outputs.BucketName}`;
      case 'AWS::DynamoDB::Table':
        return `arn:aws:dynamodb:${region}:${account}:table/${this.#outputs.TableName}`;
      case 'AWS::Events::EventBus':
        return `arn:aws:events:${region}:${account}:event-bus/${resource.Properties.Name}`;
      case 'AWS::SecretsManager::Secret':
        return this.#outputs.AdminTokenSecretArn ?? '<secret>';
      default:
        return `<${id}>`;
    }
  }
}

/** IAM's wildcards: `*` any text, `?` one character. */
export function matches(pattern: string, text: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`).test(text);
}

/** The most that one answer of CloudWatch Logs holds. */
const MOST_EVENTS = 10_000;

/** What a function logged, every line, as CloudWatch Logs has it. */
export async function logLines(functionName: string): Promise<string[]> {
  const lines: string[] = [];
  const seen = new Set<string>();
  for (let startTime = 0, nextToken: string | undefined; ; ) {
    const { events, nextToken: further } = await filterLogEvents({
      logGroupName: `/aws/lambda/${functionName}`,
      limit: MOST_EVENTS,
      startTime,
      nextToken,
    });
    const unseen = events.filter((event) => !seen.has(idOf(event)));
    for (const event of unseen) {
      seen.add(idOf(event));
      lines.push(event.message);
    }
    nextToken = further;
    if (nextToken !== undefined) continue;
    // MiniStack gives the oldest events and no token for the rest: it is asked again, from the last one's time on.
    if (events.length < MOST_EVENTS) return lines;
    if (unseen.length === 0) throw new Error(`${MOST_EVENTS} events of ${functionName} within a millisecond`);
    startTime = events.at(-1)!.timestamp;
  }
}

interface LogEvent {
  eventId?: string;
  logStreamName: string;
  timestamp: number;
  message: string;
}

const idOf = ({ eventId, logStreamName, timestamp, message }: LogEvent): string =>
  eventId ?? JSON.stringify([logStreamName, timestamp, message]);

async function filterLogEvents(query: object): Promise<{ events: LogEvent[]; nextToken?: string }> {
  const response = await fetch(inject('stack').endpoint, {
    method: 'POST',
    headers: {
      'x-amz-target': 'Logs_20140328.FilterLogEvents',
      'content-type': 'application/x-amz-json-1.1',
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(query),
  });
  const page = (await response.json()) as { events?: LogEvent[]; nextToken?: string };
  return { ...page, events: page.events ?? [] };
}

/** The calls among the lines. */
export const callsIn = (lines: readonly string[]): Call[] =>
  lines
    .filter((line) => line.includes('{"aws":'))
    .map((line) => JSON.parse(line.slice(line.indexOf('{"aws":'))).aws as Call);
