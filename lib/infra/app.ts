import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import type { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { acknowledge } from './acknowledge.ts';
import type { NagAcknowledgment } from './acknowledgments.ts';
import { bundleFunctions, type FunctionBundle, staticFiles } from './bundle/index.ts';
import { functionNames, optionalNames } from './functions.ts';
import { settingsFromContext } from './settings.ts';
import { ArboledaStack, type PipelineFacts } from './stack.ts';

/** What a pipeline must tell to be deployed; lib/pipeline's definitions do. */
export interface PipelineSource {
  name: string;
  schedule?: string | undefined;
  /** The data file of the repo, relative to data/<name>. */
  file?: string | undefined;
  /** It collects batches: the collector's rule is deployed. */
  collects?: boolean | undefined;
  /** What its collector asks, where the deployer's environment names it. */
  collectorUrl?: string | undefined;
}

export interface AppOptions {
  /** Absolute folder of the project. */
  root: string;
  pipelines: readonly PipelineSource[];
  /** Folder of the functions, relative to root. */
  lambdas?: string;
  /** Folder of the pipelines, relative to root. */
  data?: string;
  /** Further context, as `-c name=value` gives. */
  context?: Record<string, unknown>;
  /** Where the cloud assembly goes; by default where the CDK command line says. */
  outdir?: string;
  /** The findings of cdk-nag that may stand, in place of the table's. */
  acknowledgments?: readonly NagAcknowledgment[];
  /** Bundles made before, for tests that make many apps. */
  bundles?: Readonly<Record<string, FunctionBundle>>;
}

/** Bundles all functions as the stack deploys them. */
export function bundleApp({ root, pipelines, lambdas = 'lambdas', data = 'data' }: AppOptions) {
  return bundleFunctions({
    root,
    entries: Object.fromEntries(
      [...functionNames, ...optionalNames].map((name) => [name, `${lambdas}/${name}/handler.ts`]),
    ),
    pipelines: pipelines.map((pipeline) => `${data}/${pipeline.name}/pipeline.ts`),
    assets: staticFiles,
  });
}

/**
 * The CDK app: one stack, checked by cdk-nag as it is synthesized. Asks no account for anything.
 *
 * @throws BadSettingError for a wrong context value; esbuild's BuildFailure for code that does not bundle
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { root, pipelines, data = 'data' } = options;
  const app = new App({
    analyticsReporting: false,
    context: { ...(await projectContext(root)), ...options.context },
    ...(options.outdir !== undefined && { outdir: options.outdir }),
  });
  const settings = settingsFromContext(app.node);
  const facts: PipelineFacts[] = pipelines.map(({ name, schedule, file, collects, collectorUrl }) => ({
    name,
    schedule,
    collects,
    collectorUrl,
    ...(file !== undefined && { file: join(root, data, name, file) }),
  }));
  const stack = new ArboledaStack(app, `arboleda-${settings.env}`, {
    settings,
    pipelines: facts,
    bundles: options.bundles ?? (await bundleApp(options)),
    lockfileSha256: createHash('sha256')
      .update(await readFile(join(root, 'package-lock.json')))
      .digest('hex'),
  });
  const bucket = stack.storage.bucket.node.defaultChild as CfnBucket;
  acknowledge(stack, { bucket, env: settings.env }, options.acknowledgments);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

/** The context of cdk.json, feature flags above all: the command line passes it, and tests must make the same template. */
async function projectContext(root: string): Promise<Record<string, unknown>> {
  const { context } = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  };
  return context;
}
