import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type AppOptions, type ArboledaStack, bundleApp, createApp } from '../../lib/infra/index.ts';

// CDK's own check of templates takes seconds each time; nag.test.ts has it on.
process.env.CDK_VALIDATION = 'false';

export const root = join(import.meta.dirname, '../..');

/** The app with handlers that do nothing: the stack is the real one. */
const fixture: AppOptions = {
  root,
  lambdas: 'test/infra/fixtures/lambdas',
  data: 'test/infra/fixtures/data',
  pipelines: [{ name: 'first', schedule: 'cron(0 3 * * ? *)', file: 'rows.csv' }, { name: 'second' }],
};

let bundles: ReturnType<typeof bundleApp> | undefined;

/** A fresh app, not synthesized; the functions are bundled once a test file. */
export async function fixtureApp(context: Record<string, unknown> = {}, change: Partial<AppOptions> = {}) {
  bundles ??= bundleApp(fixture);
  return createApp({ ...fixture, ...change, context, bundles: await bundles });
}

export const stackOf = (app: App): ArboledaStack => app.node.findChild(stackId(app)) as ArboledaStack;
const stackId = (app: App) =>
  app.node.children.map((child) => child.node.id).find((id) => id.startsWith('arboleda-')) ?? '';

export interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is untyped JSON
  Properties: Record<string, any>;
  DependsOn?: string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

/** The template's resources by logical id, and by type. */
export class Resources {
  readonly all: Record<string, Resource>;
  readonly template: Template;

  constructor(template: Template) {
    this.template = template;
    this.all = template.toJSON().Resources;
  }

  ofType(type: string): [string, Resource][] {
    return Object.entries(this.all).filter(([, resource]) => resource.Type === type);
  }

  /** The one resource of a type; fails where there are none or several. */
  only(type: string): Resource {
    const found = this.ofType(type);
    if (found.length !== 1) throw new Error(`${found.length} resources of type ${type}`);
    return (found[0] as [string, Resource])[1];
  }

  /** The function with that short name: `predict`. */
  fn(name: string, env = 'dev'): Resource & { id: string } {
    const found = this.ofType('AWS::Lambda::Function').find(
      ([, r]) => r.Properties.FunctionName === `arboleda-${env}-${name}`,
    );
    if (found === undefined) throw new Error(`no function ${name}`);
    return { id: found[0], ...found[1] };
  }
}

const synthesized = new Map<string, Promise<Resources>>();

/** The resources of the fixture app under these settings; each is synthesized once a test file. */
export function resources(
  context: Record<string, unknown> = {},
  change: Partial<AppOptions> = {},
): Promise<Resources> {
  const key = JSON.stringify([context, change]);
  const known = synthesized.get(key);
  if (known !== undefined) return known;
  const made = freshResources(context, change);
  synthesized.set(key, made);
  return made;
}

/** The same, synthesized again. */
export async function freshResources(
  context: Record<string, unknown> = {},
  change: Partial<AppOptions> = {},
) {
  return new Resources(Template.fromStack(stackOf(await fixtureApp(context, change))));
}

/** CloudFormation's joins and references as plain text, `${LogicalId.Arn}` for what is not known. */
export function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, inner]] = Object.entries(value) as [[string, unknown]];
  if (name === 'Ref') return `\${${inner}}`;
  if (name === 'Fn::GetAtt') return `\${${(inner as string[]).join('.')}}`;
  if (name === 'Fn::Join') {
    const [separator, parts] = inner as [string, unknown[]];
    return parts.map(flatten).join(separator);
  }
  if (name === 'Fn::Sub') return String(inner);
  throw new Error(`cannot flatten ${name}`);
}
