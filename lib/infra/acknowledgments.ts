import { constructId, type FunctionName } from './functions.ts';
import { LARGE } from './state-machine/index.ts';

/**
 * Every finding of cdk-nag's AwsSolutions that stands, with the reason. The only such list: a finding that is not here
 * fails synthesis, and test/infra/nag.test.ts fails on a line that no finding needs.
 */
export interface NagAcknowledgment {
  /** Rule, and for a wildcard its finding. `{bucket}` is the bucket's ARN, `{env}` the environment. */
  id: string;
  /** Construct paths below the stack. A line for a construct that a setting leaves out is passed over. */
  on: readonly string[];
  reason: string;
}

/** What train may do, its larger twin may do too, where it is deployed. */
const roles = (...names: FunctionName[]) =>
  names
    .flatMap((name) => (name === 'train' ? (['train', LARGE] as const) : [name]))
    .map((name) => `Functions/${constructId(name)}/Role`);

/** Keys are `<workspace>/<zone>/<hash or id>`: the first part is any workspace, the last is not known at deploy. */
const zone = (name: string, on: readonly string[], reason: string): NagAcknowledgment => ({
  id: `AwsSolutions-IAM5[Resource::{bucket}/*/${name}/*]`,
  on,
  reason: `${reason} The wildcards are the workspace, which the token decides, and the object's hash or id.`,
});

const gatewayMethods = [
  'Api/Rest/Default/ANY',
  'Api/Rest/Default/{proxy+}/ANY',
  'Api/Rest/Default/models/ANY',
  'Api/Rest/Default/models/{name}/ANY',
  'Api/Rest/Default/models/{name}/{proxy+}/ANY',
  'Api/Rest/Default/models/{name}/invocations/ANY',
  'Api/Rest/Default/models/{name}/predict/ANY',
  'Api/Rest/Default/health/ANY',
  'Api/Rest/Default/invocations/ANY',
  'Api/Rest/Default/ping/ANY',
  'Api/Rest/Default/predict/ANY',
  'Api/Rest/Default/predict/{proxy+}/ANY',
  'Api/Rest/Default/samples/{proxy+}/GET',
];

export const acknowledgments: readonly NagAcknowledgment[] = [
  {
    id: 'AwsSolutions-S1',
    on: ['Storage/Bucket'],
    reason:
      "Only the functions and the short-lived URLs they sign reach the bucket, and both leave a line in the functions' logs; server access logs would need a second bucket that grows without bound. An account that must audit objects switches on CloudTrail data events.",
  },
  {
    id: 'AwsSolutions-SMG4',
    on: ['AdminToken/Secret'],
    reason:
      'The first admin token serves to make named tokens, which expire and are revoked one by one. Rotating it by a schedule would need a function with the right to write secrets; it is replaced by hand (docs/runbook.md), and functions read the present value.',
  },
  {
    id: 'AwsSolutions-APIG2',
    on: ['Api/Rest'],
    reason:
      'Requests are validated in the functions by the zod schemas of the route table, which also give the OpenAPI document. A gateway validator would be a second description of the same bodies, and per-route models would break the greedy proxies.',
  },
  {
    id: 'AwsSolutions-APIG3',
    on: ['Api/Rest/DeploymentStage.v1'],
    reason:
      'A web ACL costs five dollars a month and more, over twice all the rest of an idle deploy. The stage is throttled and every route but health, docs and the landing page needs a token; an ACL can be associated with the stage from outside.',
  },
  {
    id: 'AwsSolutions-APIG4',
    on: gatewayMethods,
    reason:
      'Access is decided in the functions by a middleware from the route table, default deny, so that one table is the source of routes and rights; tests walk every route with every role. Public are only health, docs, openapi.json and the landing page.',
  },
  {
    id: 'AwsSolutions-COG4',
    on: gatewayMethods,
    reason:
      'Callers are programs with bearer tokens of their own, not users of a Cognito pool; see AwsSolutions-APIG4.',
  },
  {
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    on: ['Api/Rest/CloudWatchRole'],
    reason:
      'The role with which API Gateway itself writes logs, one setting for the account and region. Only this managed policy follows what the service needs; no code of ours can assume the role.',
  },
  {
    id: 'AwsSolutions-IAM5[Resource::*]',
    on: ['Pipeline/Role/DefaultPolicy'],
    reason:
      'Delivery of Step Functions logs (logs:*LogDelivery, logs:*ResourcePolicy) and X-Ray segments have no resource to name: AWS defines these actions for `*` only.',
  },
  {
    id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:arboleda-{env}:*]',
    on: [...roles('close', 'start', 'collect', 'monitor', 'api'), 'Pipeline/Role'],
    reason:
      'Executions of this one state machine; the wildcard is the run id, or the id of a chunk of its distributed Map.',
  },
  zone(
    'uploads',
    roles('batch', 'api'),
    'A pushed file, taken over into `raw` or `models` once it is whole, or predicted as a batch.',
  ),
  zone(
    'batches',
    [...roles('batch', 'api'), 'Pipeline/Role'],
    "Plans, chunks and results of batch predictions below a run's id.",
  ),
  zone('raw', roles('ingest', 'api'), 'Source data by hash.'),
  zone('collected', roles('ingest', 'collect', 'api'), 'Collected subsets by pipeline, pass and batch.'),
  zone('clean', roles('ingest', 'clean', 'train', 'evaluate', 'promote', 'api'), 'Clean data by hash.'),
  zone(
    'datasets',
    roles('plan', 'clean', 'train', 'evaluate', 'promote', 'api'),
    'Descriptions of datasets by hash.',
  ),
  zone('preprocessing', roles('clean', 'train', 'api'), 'Fitted preprocessing by hash.'),
  zone(
    'models',
    roles('train', 'evaluate', 'register', 'promote', 'batch', 'monitor', 'api', 'predict'),
    'Model files by hash.',
  ),
  zone('parts', roles('train', 'api'), "Shards' parts of models by hash, for a week."),
  zone('reports', roles('evaluate', 'close', 'api'), 'Evaluations and reports by hash.'),
  zone(
    'runs',
    roles('plan', 'ingest', 'clean', 'train', 'evaluate', 'register', 'promote', 'batch', 'close', 'api'),
    "Records, logs and lists below a run's id.",
  ),
  zone('monitor', roles('monitor', 'api'), 'Drift reports by id.'),
  zone(
    'predictions',
    roles('monitor', 'api', 'predict'),
    'Logs of batch predictions by date and request id.',
  ),
  zone('artifacts', roles('register', 'api'), "Files of MLflow's runs and models, by experiment and id."),
];
