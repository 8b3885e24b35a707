import { RemovalPolicy } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';

/** Requests a second over all callers, and how many may come at once. */
export const THROTTLE = { rate: 100, burst: 200 };

/**
 * Which function has which paths; every method. A route that is not named goes to `api` by the greedy `{proxy+}`; what
 * lies beside a path of `predict` needs a resource of its own, since the gateway does not fall back to its parent's.
 */
export const gatewayPaths: Readonly<Record<'api' | 'predict', readonly string[]>> = {
  api: ['/', '/{proxy+}', '/models', '/models/{name}', '/models/{name}/{proxy+}'],
  predict: [
    '/health',
    '/ping',
    '/predict',
    '/predict/{proxy+}',
    '/invocations',
    '/models/{name}/predict',
    '/models/{name}/invocations',
  ],
};

/** Where the setting `samples` deploys it. */
export const SAMPLES_PATH = '/samples/{proxy+}';

/**
 * Bodies that the gateway hands on as bytes. All of them: clients upload files of any type, and what is not listed would be
 * read as UTF-8 on its way. LocalStack knows no `*` for the type; the others are for it.
 */
export const BINARY_TYPES = [
  '*/*',
  'application/*',
  'image/*',
  'text/*',
  'font/*',
  'audio/*',
  'video/*',
] as const;

/** The gateway's own refusal of a body over 10 MB, which no function sees, with the advice that a function would give. */
const TOO_LARGE = {
  error_code: 'BAD_REQUEST',
  code: 'BODY_TOO_LARGE',
  message:
    'The body is over 10 MB. Files go straight to S3 in parts: set MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=5242880 in the ' +
    'environment of the client, which waits for 500 MB otherwise, and log the file again.',
};

export interface ApiProps {
  settings: Settings;
  api: lambda.IFunction;
  predict: lambda.IFunction;
  samples?: lambda.IFunction | undefined;
}

/** The HTTP front: few resources, all methods; access is decided in the functions, from the route table. */
export class Api extends Construct {
  readonly restApi: apigateway.RestApi;
  readonly accessLog: logs.LogGroup;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    const { settings } = props;
    this.accessLog = new logs.LogGroup(this, 'AccessLog', {
      logGroupName: `/arboleda/${settings.env}/access`,
      retention: settings.logRetentionDays as logs.RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.restApi = new apigateway.RestApi(this, 'Rest', {
      restApiName: `arboleda-${settings.env}`,
      description: `Arboleda ${settings.env}`,
      endpointTypes: [apigateway.EndpointType.REGIONAL],
      // Without it API Gateway cannot write any log; it is one setting of the account and region, kept when a stack goes.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      binaryMediaTypes: [...BINARY_TYPES],
      deployOptions: {
        stageName: 'v1',
        throttlingRateLimit: THROTTLE.rate,
        throttlingBurstLimit: THROTTLE.burst,
        loggingLevel: apigateway.MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        metricsEnabled: false,
        tracingEnabled: false,
        accessLogDestination: new apigateway.LogGroupLogDestination(this.accessLog),
        accessLogFormat: accessLogFormat(),
      },
    });
    this.restApi.addGatewayResponse('TooLarge', {
      type: apigateway.ResponseType.REQUEST_TOO_LARGE,
      statusCode: '413',
      templates: { 'application/json': JSON.stringify(TOO_LARGE) },
    });
    // CDK's own output of the URL: the stack's ApiUrl is the one that is promised.
    this.restApi.node.tryRemoveChild('Endpoint');
    for (const name of ['api', 'predict'] as const) {
      // Without test invocations: these would double the permissions on the function.
      const integration = new apigateway.LambdaIntegration(props[name], { allowTestInvoke: false });
      for (const path of gatewayPaths[name])
        this.restApi.root.resourceForPath(path).addMethod('ANY', integration);
    }
    if (props.samples) {
      const integration = new apigateway.LambdaIntegration(props.samples, { allowTestInvoke: false });
      this.restApi.root.resourceForPath(SAMPLES_PATH).addMethod('GET', integration);
    }
  }
}

/** One JSON line a request. Never the query or a header: these can hold a token. */
function accessLogFormat(): apigateway.AccessLogFormat {
  const { AccessLogField: field } = apigateway;
  return apigateway.AccessLogFormat.custom(
    JSON.stringify({
      requestId: field.contextRequestId(),
      time: field.contextRequestTimeEpoch(),
      ip: field.contextIdentitySourceIp(),
      method: field.contextHttpMethod(),
      resource: field.contextResourcePath(),
      path: field.contextPath(),
      status: field.contextStatus(),
      bytes: field.contextResponseLength(),
      milliseconds: field.contextResponseLatency(),
      functionMilliseconds: field.contextIntegrationLatency(),
      error: field.contextErrorMessage(),
    }),
  );
}
