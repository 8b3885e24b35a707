import { beforeAll, describe, expect, it } from 'vitest';
import { apiRoutes } from '../../lib/http/index.ts';
import { gatewayPaths } from '../../lib/infra/index.ts';
import { flatten, type Resources, resources } from './support.ts';

interface GatewayNode {
  children: Map<string, GatewayNode>;
  /** HTTP method to function name. */
  methods: Map<string, string>;
}

let stack: Resources;
let tree: GatewayNode;
beforeAll(async () => {
  stack = await resources();
  tree = gatewayTree(stack);
});

/** The resources and methods of the template, as API Gateway sees them. */
function gatewayTree({ all }: Resources): GatewayNode {
  const root: GatewayNode = { children: new Map(), methods: new Map() };
  const nodes = new Map<string, GatewayNode>();
  const nodeOf = (reference: unknown): GatewayNode => {
    const id = flatten(reference).replace(/^\$\{(.*)\}$/, '$1');
    if (id.endsWith('.RootResourceId')) return root;
    const known = nodes.get(id);
    if (known !== undefined) return known;
    const { ParentId, PathPart } = all[id]?.Properties ?? {};
    const node: GatewayNode = { children: new Map(), methods: new Map() };
    nodeOf(ParentId).children.set(PathPart, node);
    nodes.set(id, node);
    return node;
  };
  for (const [id, resource] of Object.entries(all)) {
    if (resource.Type === 'AWS::ApiGateway::Resource') nodeOf({ Ref: id });
    if (resource.Type !== 'AWS::ApiGateway::Method') continue;
    const { ResourceId, HttpMethod, Integration } = resource.Properties;
    const functionId = /\$\{(\w+)\.Arn\}\/invocations$/.exec(flatten(Integration.Uri))?.[1] ?? '';
    const name = String(all[functionId]?.Properties.FunctionName).replace('arboleda-dev-', '');
    nodeOf(ResourceId).methods.set(HttpMethod, name);
  }
  return root;
}

/**
 * The function that answers: at each level the literal child is preferred, then `{name}`, then the greedy one, and a
 * level once chosen is not left again; that is how API Gateway resolves, and why siblings need resources of their own.
 */
function resolve(node: GatewayNode, path: string[], method: string): string | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return node.methods.get(method) ?? node.methods.get('ANY');
  const variable = [...node.children].find(([part]) => /^\{\w+\}$/.test(part))?.[1];
  const chosen = node.children.get(first) ?? variable;
  if (chosen !== undefined) return resolve(chosen, rest, method);
  return node.children.get('{proxy+}')?.methods.get('ANY');
}

const parts = (path: string) => path.split('/').filter((part) => part !== '');
/** A path that the route takes, with every parameter filled. */
const example = (path: string) => path.replaceAll(/\{\w+\+\}/g, 'a/b.c').replaceAll(/\{\w+\}/g, 'x1');

describe('the route table', () => {
  it('is not empty', () => {
    expect(apiRoutes.length).toBeGreaterThan(30);
  });

  it.each(apiRoutes.map((route) => [route.method, route.path, route.fn] as const))(
    '%s %s reaches %s',
    (method, path, fn) => {
      expect(resolve(tree, parts(example(path)), method)).toBe(fn);
    },
  );

  it('no path reaches no function: what is unknown is answered by api, with our own 404', () => {
    for (const path of [
      '/nowhere',
      '/nowhere/at/all',
      '/models/a/b/c/d',
      '/runs/1/2/3',
      '/docs/x',
      '/health-check',
    ]) {
      expect(resolve(tree, parts(path), 'GET'), path).toBe('api');
    }
  });

  it('every method reaches its function, so that a wrong one gets our own answer', () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']) {
      expect(resolve(tree, ['predict'], method)).toBe('predict');
      expect(resolve(tree, ['models', 'm', 'predict'], method)).toBe('predict');
      expect(resolve(tree, ['models', 'm', 'predictions'], method)).toBe('api');
      expect(resolve(tree, ['runs', '1'], method)).toBe('api');
      expect(resolve(tree, [], method)).toBe('api');
    }
  });
});

describe('gatewayPaths', () => {
  it('are the resources there are', () => {
    const found: [string, string][] = [];
    const visit = (node: GatewayNode, path: string) => {
      for (const [, fn] of node.methods) found.push([fn, path === '' ? '/' : path]);
      for (const [part, child] of node.children) visit(child, `${path}/${part}`);
    };
    visit(tree, '');
    for (const fn of ['api', 'predict'] as const) {
      const paths = found.filter(([name]) => name === fn).map(([, path]) => path);
      expect(paths.sort()).toEqual([...gatewayPaths[fn]].sort());
    }
    expect(found).toHaveLength(gatewayPaths.api.length + gatewayPaths.predict.length);
  });
});

describe("a function's resource policy", () => {
  /** What Lambda keeps for one permission, with the longest names that AWS may give. */
  const statementBytes = (properties: Record<string, unknown>) =>
    JSON.stringify({
      Sid: `${'x'.repeat(100)}`,
      Effect: 'Allow',
      Principal: { Service: properties.Principal },
      Action: properties.Action,
      Resource: `arn:aws:lambda:ap-southeast-2:123456789012:function:${'x'.repeat(64)}`,
      Condition: { ArnLike: { 'AWS:SourceArn': flatten(properties.SourceArn).padEnd(200, 'x') } },
    }).length;

  it('stays far below the 20 KB that Lambda allows', () => {
    const sizes = new Map<string, number>();
    for (const [, { Properties }] of stack.ofType('AWS::Lambda::Permission')) {
      const id = flatten(Properties.FunctionName);
      sizes.set(id, (sizes.get(id) ?? 0) + statementBytes(Properties));
    }
    // api and predict by the gateway; start, close and the monitor by rules.
    expect(sizes.size).toBe(5);
    for (const [id, size] of sizes) expect(size, id).toBeLessThan(20_480 / 4);
  });

  it('does not grow with the number of pipelines', async () => {
    const pipelines = Array.from({ length: 60 }, (_, i) => ({ name: `p${i}`, schedule: 'rate(1 day)' }));
    const large = await resources({}, { pipelines });
    expect(large.ofType('AWS::Lambda::Permission')).toHaveLength(
      stack.ofType('AWS::Lambda::Permission').length,
    );
    expect(Object.keys(large.all).length).toBeLessThan(500);
  });

  it('lets only this API and these rules in', () => {
    for (const [id, { Properties }] of stack.ofType('AWS::Lambda::Permission')) {
      expect(Properties.Action).toBe('lambda:InvokeFunction');
      expect(['apigateway.amazonaws.com', 'events.amazonaws.com'], id).toContain(Properties.Principal);
      expect(flatten(Properties.SourceArn), id).toMatch(
        /(:execute-api:.*:\$\{ApiRest\w+\}\/\$\{ApiRest\w+\}\/\*\/|:rule\/arboleda-dev-(schedule-\*|execution-ended|monitor)$)/,
      );
    }
  });
});

describe('the stage', () => {
  it('is throttled, logs every request as JSON, and never a header or a query', () => {
    const stage = stack.only('AWS::ApiGateway::Stage').Properties;
    expect(stage.StageName).toBe('v1');
    expect(stage.MethodSettings).toEqual([
      expect.objectContaining({
        HttpMethod: '*',
        ResourcePath: '/*',
        ThrottlingRateLimit: 100,
        ThrottlingBurstLimit: 200,
        LoggingLevel: 'ERROR',
        DataTraceEnabled: false,
      }),
    ]);
    const format = JSON.parse(stage.AccessLogSetting.Format);
    expect(format).toMatchObject({ status: '$context.status', resource: '$context.resourcePath' });
    expect(stage.AccessLogSetting.Format).not.toMatch(/header|querystring|authorizer|request\.body/i);
  });

  it('waits for the account to have a role for logs', () => {
    const stage = stack.only('AWS::ApiGateway::Stage');
    const [account] = stack.ofType('AWS::ApiGateway::Account')[0] as [string, unknown];
    expect(stage.DependsOn).toContain(account);
  });

  it('answers no cross-origin request by itself', () => {
    const methods = stack.ofType('AWS::ApiGateway::Method').map(([, method]) => method.Properties.HttpMethod);
    expect(new Set(methods)).toEqual(new Set(['ANY']));
    const paths = gatewayPaths.api.length + gatewayPaths.predict.length;
    expect(methods).toHaveLength(paths);
  });
});
