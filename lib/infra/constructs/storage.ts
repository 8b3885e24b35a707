import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';

/** Days after which an upload that was not taken over, a shard's part of a model, and a batch prediction's log, go. */
export const UPLOAD_DAYS = 7;
export const PART_DAYS = 7;
export const PREDICTION_DAYS = 90;
/** What came of a file that was predicted, and its chunks. */
export const BATCH_DAYS = 90;
/** Drift reports, as their list in the table. */
export const REPORT_DAYS = 400;

/** Everything that lasts: one bucket and one table. Retained in the cloud; their names are CloudFormation's. */
export class Storage extends Construct {
  readonly bucket: s3.Bucket;
  readonly table: dynamodb.Table;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const retain = settings.removalPolicy === 'retain';
    const removalPolicy = retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.bucket = new s3.Bucket(this, 'Bucket', {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      lifecycleRules: lifecycleRules(settings.workspaces),
      // The console puts files that are to be predicted. The presigned URL is the permission, and no cookie is sent; the page's
      // own origin is not known here, since the API is made of functions that know the bucket.
      cors: [
        { allowedMethods: [s3.HttpMethods.PUT], allowedOrigins: ['*'], allowedHeaders: ['content-type'] },
      ],
      removalPolicy,
    });
    this.table = new dynamodb.Table(this, 'Table', {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'ttl',
      deletionProtection: retain,
      removalPolicy,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: 'gsi1',
      partitionKey: { name: 'gsi1pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'gsi1sk', type: dynamodb.AttributeType.STRING },
      projectionType: dynamodb.ProjectionType.ALL,
    });
  }
}

function lifecycleRules(workspaces: readonly string[]): s3.LifecycleRule[] {
  return [
    {
      id: 'unfinished-and-overwritten',
      abortIncompleteMultipartUploadAfter: Duration.days(2),
      noncurrentVersionExpiration: Duration.days(30),
      expiredObjectDeleteMarker: true,
    },
    // A key begins with its workspace, and S3 filters by literal prefix only: a rule for each.
    ...workspaces.flatMap((workspace) => [
      { id: `${workspace}-uploads`, prefix: `${workspace}/uploads/`, expiration: Duration.days(UPLOAD_DAYS) },
      { id: `${workspace}-parts`, prefix: `${workspace}/parts/`, expiration: Duration.days(PART_DAYS) },
      {
        id: `${workspace}-predictions`,
        prefix: `${workspace}/predictions/`,
        expiration: Duration.days(PREDICTION_DAYS),
      },
      {
        id: `${workspace}-batches`,
        prefix: `${workspace}/batches/`,
        expiration: Duration.days(BATCH_DAYS),
      },
      { id: `${workspace}-monitor`, prefix: `${workspace}/monitor/`, expiration: Duration.days(REPORT_DAYS) },
    ]),
  ];
}
