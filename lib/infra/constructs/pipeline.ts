import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { functionSpecs } from '../functions.ts';
import type { Settings } from '../settings.ts';
import { LARGE, machineFunctions, pipelineDefinition } from '../state-machine/index.ts';
import type { Functions } from './functions.ts';

/** ARN of the state machine by its name, for those whom the state machine itself calls: a reference would be a cycle. */
export function stateMachineArn(scope: Construct, env: string): string {
  return statesArn(scope, 'stateMachine', `arboleda-${env}`);
}

/** ARN pattern of every execution of the state machine. */
export function executionArns(scope: Construct, env: string): string {
  return statesArn(scope, 'execution', `arboleda-${env}:*`);
}

function statesArn(scope: Construct, resource: string, name: string): string {
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:states:${region}:${account}:${resource}:${name}`;
}

/** The one state machine of every pipeline, its log and its role. */
export class Pipeline extends Construct {
  readonly stateMachine: sfn.StateMachine;
  readonly logGroup: logs.LogGroup;

  constructor(
    scope: Construct,
    id: string,
    props: { settings: Settings; functions: Functions; bucket: s3.IBucket },
  ) {
    super(scope, id);
    const { settings, functions, bucket } = props;
    const byName = <T>(value: (name: (typeof machineFunctions)[number]) => T) =>
      Object.fromEntries(machineFunctions.map((name) => [name, value(name)])) as Record<
        (typeof machineFunctions)[number],
        T
      >;
    const arns = byName((name) => functions.all[name].function.functionArn);
    const large = functions.trainLarge?.function.functionArn;
    const definition = pipelineDefinition({
      functions: { ...arns, ...(large !== undefined && { [LARGE]: large }) },
      invoke: `arn:${Stack.of(this).partition}:states:::lambda:invoke`,
      timeouts: byName((name) => functionSpecs[name].timeoutSeconds),
      mapConcurrency: settings.mapConcurrency,
      bucket: bucket.bucketName,
      getObject: `arn:${Stack.of(this).partition}:states:::s3:getObject`,
    });
    this.logGroup = new logs.LogGroup(this, 'Log', {
      // Step Functions' log groups share one resource policy of the account, which names under this prefix do not fill up.
      logGroupName: `/aws/vendedlogs/states/arboleda-${settings.env}`,
      retention: settings.logRetentionDays as logs.RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com'),
      inlinePolicies: {
        // Exact ARNs; CDK's own grant would add every version and alias.
        stages: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: ['lambda:InvokeFunction'],
              resources: [...Object.values(arns), ...(large === undefined ? [] : [large])],
            }),
          ],
        }),
        // A distributed Map runs its items as executions of its own state machine, over a list that it reads itself.
        chunks: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: ['states:StartExecution'],
              resources: [stateMachineArn(this, settings.env)],
            }),
            new iam.PolicyStatement({
              actions: ['states:DescribeExecution', 'states:StopExecution'],
              resources: [executionArns(this, settings.env)],
            }),
            new iam.PolicyStatement({
              actions: ['s3:GetObject'],
              resources: [bucket.arnForObjects('*/batches/*')],
            }),
          ],
        }),
      },
    });
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      stateMachineName: `arboleda-${settings.env}`,
      definitionBody: sfn.DefinitionBody.fromString(Stack.of(this).toJsonString(definition)),
      role,
      // All events, without their payloads: these hold ids only, and the run's record has them.
      logs: { destination: this.logGroup, level: sfn.LogLevel.ALL, includeExecutionData: false },
      // Some executions a day: far inside X-Ray's free 100,000 traces a month.
      tracingEnabled: true,
    });
  }
}
