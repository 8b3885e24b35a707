import { join } from 'node:path';
import type { FunctionName } from '../../../lib/infra/index.ts';
import { loadPipelines, sourceFiles } from '../../../lib/pipeline/index.ts';
import { flatten, type Resources, resources, root } from '../../infra/support.ts';

/** One right of a role: an action, and an ARN that may hold `*`. */
export interface Right {
  action: string;
  resource: string;
}

/** What the names in the template stand for in the deployed stack. */
export interface Deployment {
  account: string;
  region: string;
  env: string;
  outputs: Record<string, string>;
}

const many = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** The template of the real pipelines. Handlers are the fixtures': roles do not depend on them. */
export async function deployedTemplate(env: string): Promise<Resources> {
  const pipelines = (await loadPipelines(join(root, 'data'))).map((definition) => ({
    name: definition.name,
    schedule: definition.schedule,
    file: sourceFiles(definition)[0]?.path,
  }));
  return resources({ env }, { pipelines, data: 'data' });
}

/** All rights of a function's role in the template, with ARNs as they are in the deployment. */
export function rightsOf(template: Resources, name: FunctionName, deployment: Deployment): Right[] {
  const role =
    /^\$\{(\w+)\.Arn\}$/.exec(flatten(template.fn(name, deployment.env).Properties.Role))?.[1] ?? '';
  const policies = template.all[role]?.Properties.Policies as {
    PolicyDocument: { Statement: { Action: string | string[]; Resource: unknown }[] };
  }[];
  return policies
    .flatMap((policy) => policy.PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) =>
      many(Action).flatMap((action) =>
        many(Resource).map((resource) => ({ action, resource: deployedArn(flatten(resource), deployment) })),
      ),
    );
}

/** A flattened ARN of the template with the deployment's names in it. */
function deployedArn(text: string, { account, region, env, outputs }: Deployment): string {
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
  const known: [RegExp, string][] = [
    [/\$\{StorageBucket\w+\.Arn\}/, `arn:aws:s3:::${outputs.BucketName}`],
    [/\$\{StorageTable\w+\.Arn\}/, arn('dynamodb', `table/${outputs.TableName}`)],
    [/\$\{Bus\w+\.Arn\}/, arn('events', `event-bus/arboleda-${env}`)],
    [/\$\{AdminTokenSecret\w+\}/, outputs.AdminTokenSecretArn ?? ''],
    [/\$\{AWS::Partition\}/g, 'aws'],
    [/\$\{AWS::Region\}/g, region],
    [/\$\{AWS::AccountId\}/g, account],
  ];
  return known.reduce((result, [pattern, value]) => result.replace(pattern, value), text);
}

/** Whether one of the rights covers the action on the resource, by IAM's wildcards. */
export function allows(rights: readonly Right[], action: string, resource: string): boolean {
  return rights.some((right) => right.action === action && wildcard(right.resource).test(resource));
}

const wildcard = (pattern: string) =>
  new RegExp(`^${pattern.replaceAll(/[.+^${}()|[\]\\?]/g, '\\$&').replaceAll('*', '.*')}$`);
