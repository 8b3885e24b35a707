import * as s3Assets from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { BadSettingError } from '../settings.ts';

export interface DeployedSource {
  bucket: string;
  key: string;
}

/** A place takes some 150 characters of the 4 KB that Lambda allows for a function's environment. */
export const MAX_REPO_FILES = 20;

/**
 * The repo's data files, deployed with the app as they are: content-addressed, and read by `ingest` only.
 *
 * @throws BadSettingError where there are more than MAX_REPO_FILES
 */
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
    if (assets.length > MAX_REPO_FILES) {
      throw new BadSettingError(
        `${assets.length} pipelines bring a data file of the repo; ${MAX_REPO_FILES} fit`,
        {
          remedy: 'Let further pipelines read pushed data or an HTTPS URL.',
        },
      );
    }
    this.places = Object.fromEntries(
      assets.map(({ name, asset }) => [name, { bucket: asset.s3BucketName, key: asset.s3ObjectKey }]),
    );
    // Not asset.grantRead: it would open the whole assets bucket of the account.
    this.objectArns = assets.map(({ asset }) => asset.bucket.arnForObjects(asset.s3ObjectKey));
  }
}
