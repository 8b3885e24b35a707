import * as iam from 'aws-cdk-lib/aws-iam';
import type { FunctionAccess, Zone } from '../functions.ts';

/** The ARNs that statements are written from. All may be tokens. */
export interface AccessTargets {
  tableArn: string;
  bucketArn: string;
  stateMachineArn: string;
  executionArns: string;
  busArn: string;
  secretArn: string;
  /** Exact object ARNs of the repo's data files. */
  sourceArns: readonly string[];
}

/** The statements of one function's role, from its row of the table in functions.ts. */
export function accessStatements(access: FunctionAccess, targets: AccessTargets): iam.PolicyStatement[] {
  return [
    ...tableStatements(access, targets),
    ...bucketStatements(access, targets),
    ...executionStatements(access, targets),
    ...(access.bus ? [allow('Events', ['events:PutEvents'], [targets.busArn])] : []),
    ...(access.adminSecret
      ? [allow('AdminToken', ['secretsmanager:GetSecretValue'], [targets.secretArn])]
      : []),
    ...(access.sources && targets.sourceArns.length > 0
      ? [allow('RepoData', ['s3:GetObject'], [...targets.sourceArns])]
      : []),
  ];
}

function allow(sid: string, actions: string[], resources: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid, actions, resources });
}

function tableStatements(
  { table, within = {} }: FunctionAccess,
  { tableArn }: AccessTargets,
): iam.PolicyStatement[] {
  if (table.length === 0) return [];
  const anywhere = table.filter((action) => !(action in within));
  return [
    allow(
      'Items',
      anywhere.map((action) => `dynamodb:${action}`),
      [tableArn],
    ),
    ...(table.includes('Query') ? [allow('Index', ['dynamodb:Query'], [`${tableArn}/index/gsi1`])] : []),
    ...Object.entries(within).map(
      ([action, partitions]) =>
        new iam.PolicyStatement({
          sid: `${action}Within`,
          actions: [`dynamodb:${action}`],
          resources: [tableArn],
          // A transaction is judged item by item, each by its own partition key.
          conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...partitions] } },
        }),
    ),
  ];
}

function bucketStatements(
  { read, write, remove = [], abort = [] }: FunctionAccess,
  { bucketArn }: AccessTargets,
): iam.PolicyStatement[] {
  // The workspace comes first in a key, and a function serves every workspace: tokens keep them apart.
  const keys = (zones: readonly Zone[]) => zones.map((zone) => `${bucketArn}/*/${zone}/*`);
  return [
    ...(read.length > 0
      ? [
          allow('ReadObjects', ['s3:GetObject'], keys(read)),
          // Without it S3 answers 403, not 404, for an object that is not there; with a prefix condition too.
          allow('ListKeys', ['s3:ListBucket'], [bucketArn]),
        ]
      : []),
    ...(write.length > 0 ? [allow('WriteObjects', ['s3:PutObject'], keys(write))] : []),
    ...(remove.length > 0 ? [allow('RemoveObjects', ['s3:DeleteObject'], keys(remove))] : []),
    ...(abort.length > 0 ? [allow('AbortUploads', ['s3:AbortMultipartUpload'], keys(abort))] : []),
  ];
}

function executionStatements(
  { executions = [] }: FunctionAccess,
  targets: AccessTargets,
): iam.PolicyStatement[] {
  const named = executions
    .filter((action) => action !== 'StartExecution')
    .map((action) => `states:${action}`);
  return [
    ...(executions.includes('StartExecution')
      ? [allow('StartRuns', ['states:StartExecution'], [targets.stateMachineArn])]
      : []),
    ...(named.length > 0 ? [allow('Runs', named, [targets.executionArns])] : []),
  ];
}
