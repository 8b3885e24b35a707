import { type Stack, Validations } from 'aws-cdk-lib';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { acknowledgments, type NagAcknowledgment } from './acknowledgments.ts';

export interface NameParts {
  bucket: CfnBucket;
  env: string;
}

/** An acknowledgment's id as cdk-nag prints it. */
export function findingId({ id }: NagAcknowledgment, stack: Stack, { bucket, env }: NameParts): string {
  const logicalId = stack.resolve(bucket.logicalId) as string;
  return id.replace('{bucket}', `<${logicalId}.Arn>`).replace('{env}', env);
}

/** Records every line of the table on its constructs. */
export function acknowledge(stack: Stack, parts: NameParts, table = acknowledgments): void {
  const byPath = new Map(stack.node.findAll().map((construct) => [construct.node.path, construct]));
  for (const line of table) {
    const id = findingId(line, stack, parts);
    for (const path of line.on) {
      const construct = byPath.get(`${stack.node.path}/${path}`);
      if (construct !== undefined) Validations.of(construct).acknowledge({ id, reason: line.reason });
    }
  }
}
