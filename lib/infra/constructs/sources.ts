import * as s3Assets from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';

export interface DeployedSource {
  bucket: string;
  key: string;
}

/** The repo's data files, deployed with the app as they are: content-addressed, and read by `ingest` only. */
export class Sources extends Construct {
  /** Pipeline to the place of its file: what ARBOLEDA_SOURCES says. */
  readonly places: Readonly<Record<string, DeployedSource>>;
  /** Exact object ARNs. */
  readonly objectArns: readonly string[];

  constructor(
    scope: Construct,
    id: string,
    pipelines: readonly { name: string; file?: string | undefined }[],
  ) {
    super(scope, id);
    const assets = pipelines.flatMap(({ name, file }) =>
      file === undefined ? [] : [{ name, asset: new s3Assets.Asset(this, name, { path: file }) }],
    );
    this.places = Object.fromEntries(
      assets.map(({ name, asset }) => [name, { bucket: asset.s3BucketName, key: asset.s3ObjectKey }]),
    );
    // Not asset.grantRead: it would open the whole assets bucket of the account.
    this.objectArns = assets.map(({ asset }) => asset.bucket.arnForObjects(asset.s3ObjectKey));
  }
}
