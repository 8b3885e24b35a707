import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionBundle } from '../bundle/index.ts';
import type { FunctionSpec } from '../functions.ts';
import type { Settings } from '../settings.ts';

export interface ArboledaFunctionProps {
  name: string;
  spec: FunctionSpec;
  bundle: FunctionBundle;
  settings: Settings;
  environment: Record<string, string>;
  statements: readonly iam.PolicyStatement[];
  /** Takes the events that it failed on; given for functions that EventBridge invokes. */
  deadLetters?: sqs.IQueue;
}

/** A function with a log group and a role of its own. The role holds what the table in functions.ts says, and its log. */
export class ArboledaFunction extends Construct {
  readonly function: lambda.Function;
  readonly logGroup: logs.LogGroup;
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: ArboledaFunctionProps) {
    super(scope, id);
    const { name, spec, bundle, settings } = props;
    const functionName = `arboleda-${settings.env}-${name}`;
    // Named as Lambda would: the same place wherever a function is looked for. Goes with the stack even in prod, because
    // it expires anyway and a run's own log is an object in the bucket.
    this.logGroup = new logs.LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: settings.logRetentionDays as logs.RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const ownLog = new iam.PolicyStatement({
      sid: 'OwnLog',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [this.logGroup.logGroupArn],
    });
    const undelivered = props.deadLetters && [
      new iam.PolicyStatement({
        sid: 'DeadLetters',
        actions: ['sqs:SendMessage'],
        resources: [props.deadLetters.queueArn],
      }),
    ];
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        access: new iam.PolicyDocument({ statements: [ownLog, ...props.statements, ...(undelivered ?? [])] }),
      },
    });
    this.function = new lambda.Function(this, 'Function', {
      functionName,
      description: spec.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(bundle.directory),
      handler: 'index.handler',
      role: this.role.withoutPolicyUpdates(),
      logGroup: this.logGroup,
      timeout: Duration.seconds(spec.timeoutSeconds),
      memorySize: spec.memory === 'data' ? settings.memory : spec.memory,
      environment: props.environment,
      ...(props.deadLetters && {
        deadLetterQueue: props.deadLetters,
        retryAttempts: 2,
        maxEventAge: Duration.hours(1),
      }),
    });
    // The role's policy must be there when the function first runs.
    this.function.node.addDependency(this.role);
  }
}
