import { describe, expect, it } from 'vitest';
import { fromGatewayEvent, type GatewayEvent, toGatewayResult } from '../../../lib/http/index.ts';

/** Events as each gateway really sends them; what differs is named. */
const base: GatewayEvent = {
  httpMethod: 'GET',
  resource: '/{proxy+}',
  headers: {},
  multiValueHeaders: {},
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  body: null,
  isBase64Encoded: false,
  requestContext: { requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef', stage: 'v1' },
};
const event = (path: string, more: Partial<GatewayEvent> = {}): GatewayEvent => ({
  ...base,
  path,
  pathParameters: { proxy: path.slice(1).replace(/\/$/, '') },
  ...more,
});

describe('path', () => {
  it.each([
    ['AWS and LocalStack keep escapes', '/models/Vivienda%20%C3%B1/versions'],
    ['MiniStack decodes once', '/models/Vivienda ñ/versions'],
  ])('%s: the same segments', (_, path) => {
    expect(fromGatewayEvent(event(path)).segments).toEqual(['models', 'Vivienda ñ', 'versions']);
  });

  it('keeps an escaped slash within its segment where the gateway kept it', () => {
    expect(fromGatewayEvent(event('/runs/1/metrics/a%2Fb')).segments).toEqual([
      'runs',
      '1',
      'metrics',
      'a/b',
    ]);
  });

  it('leaves what is not an escape alone', () => {
    expect(fromGatewayEvent(event('/models/100%/x%zz')).segments).toEqual(['models', '100%', 'x%zz']);
  });

  it('decodes once only', () => {
    expect(fromGatewayEvent(event('/models/a%252Fb')).segments).toEqual(['models', 'a%2Fb']);
  });

  it('leaves out the base path of a custom domain, by the resource', () => {
    const request = fromGatewayEvent(event('/ml/api/runs/1', { pathParameters: { proxy: 'runs/1' } }));
    expect(request.segments).toEqual(['runs', '1']);
    const fixed = fromGatewayEvent(
      event('/ml/models/housing/predict', {
        resource: '/models/{name}/predict',
        pathParameters: { name: 'housing' },
      }),
    );
    expect(fixed.segments).toEqual(['models', 'housing', 'predict']);
    expect(fromGatewayEvent(event('/ml', { resource: '/', pathParameters: null })).segments).toEqual([]);
  });

  it('trusts the path where the event does not name its resource', () => {
    expect(fromGatewayEvent({ path: '/runs/1' }).segments).toEqual(['runs', '1']);
    expect(fromGatewayEvent(event('/runs/1', { pathParameters: null })).segments).toEqual(['runs', '1']);
    expect(fromGatewayEvent({}).segments).toEqual([]);
  });

  it('knows a trailing slash and drops empty segments', () => {
    const request = fromGatewayEvent(event('/predict/'));
    expect([request.segments, request.trailingSlash]).toEqual([['predict'], true]);
    expect(fromGatewayEvent(event('//runs///1')).segments).toEqual(['runs', '1']);
    expect(fromGatewayEvent(event('/docs')).trailingSlash).toBe(false);
  });
});

describe('headers and query', () => {
  it('lower-cases names and joins repeated headers', () => {
    const { headers } = fromGatewayEvent(
      event('/runs', { multiValueHeaders: { 'Content-TYPE': ['application/json'], 'X-A': ['1', '2'] } }),
    );
    expect(headers['content-type']).toBe('application/json');
    expect(headers['x-a']).toBe('1, 2');
  });

  it('reads single headers where there are no others', () => {
    const { headers } = fromGatewayEvent(
      event('/runs', { multiValueHeaders: null, headers: { Authorization: 'Bearer t', Gone: undefined } }),
    );
    expect({ ...headers }).toEqual({ authorization: 'Bearer t' });
  });

  it('keeps every value of a repeated parameter', () => {
    const { query } = fromGatewayEvent(
      event('/runs', {
        queryStringParameters: { a: '2' },
        multiValueQueryStringParameters: { a: ['1', '2'], b: ['x'] },
      }),
    );
    expect({ ...query }).toEqual({ a: ['1', '2'], b: ['x'] });
  });

  it('falls back to the single parameters', () => {
    const { query } = fromGatewayEvent(event('/runs', { queryStringParameters: { a: '2', b: undefined } }));
    expect({ ...query }).toEqual({ a: ['2'] });
  });

  it('holds names such as __proto__ as plain names', () => {
    const raw = JSON.parse('{"__proto__":["x"],"constructor":["y"]}');
    const { query, headers } = fromGatewayEvent(
      event('/runs', { multiValueQueryStringParameters: raw, multiValueHeaders: raw }),
    );
    expect(Object.keys(query)).toEqual(['__proto__', 'constructor']);
    expect(Object.keys(headers)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(query)).toBeNull();
  });
});

describe('body', () => {
  it('honours base64', () => {
    const bytes = Buffer.from([0, 255, 128, 10]);
    const { body } = fromGatewayEvent(
      event('/predict', { body: bytes.toString('base64'), isBase64Encoded: true }),
    );
    expect(Buffer.from(body)).toEqual(bytes);
  });

  it('takes text as UTF-8, and no body as empty', () => {
    expect(Buffer.from(fromGatewayEvent(event('/x', { body: 'ñ' })).body)).toEqual(Buffer.from('ñ'));
    expect(fromGatewayEvent(event('/x')).body).toHaveLength(0);
  });
});

describe('request id', () => {
  it("is the gateway's where a key can hold it", () => {
    expect(fromGatewayEvent(event('/x')).requestId).toBe('c6af9ac6-7b61-11e6-9a41-93e8deadbeef');
  });

  it.each([undefined, '', 'a/b/c/d/e/f/g', 'x'.repeat(200), 'with space and #'])(
    'is made anew for %j',
    (requestId) => {
      const request = fromGatewayEvent(event('/x', { requestContext: { requestId } }));
      expect(request.requestId).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});

describe('toGatewayResult', () => {
  it('passes text as text, with only the fields that a gateway takes', () => {
    const result = toGatewayResult({
      status: 201,
      headers: { 'content-type': 'application/json' },
      body: '{"a":"ñ"}',
    });
    expect(result).toEqual({
      statusCode: 201,
      headers: { 'content-type': 'application/json' },
      body: '{"a":"ñ"}',
      isBase64Encoded: false,
    });
  });

  it('passes bytes as base64', () => {
    const result = toGatewayResult({ status: 200, headers: {}, body: new Uint8Array([137, 80, 78, 71]) });
    expect(result).toMatchObject({ body: 'iVBORw==', isBase64Encoded: true });
  });

  it('passes an empty body as empty text, as 204 and HEAD have', () => {
    expect(toGatewayResult({ status: 204, headers: {}, body: '' })).toMatchObject({
      body: '',
      isBase64Encoded: false,
    });
  });
});
