import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  apiRoutes,
  fromGatewayEvent,
  InvalidJsonError,
  MAX_RESPONSE_BYTES,
  makeRequest,
  makeRouter,
  toGatewayResult,
} from '../../../lib/http/index.ts';
import { parseJson } from '../../../lib/http/json.ts';
import { transportSize } from '../../../lib/http/middleware/finish.ts';

const router = makeRouter(apiRoutes);

/** A name that a path may hold: not empty, not a dot segment, no lone surrogate, no `%` (the table's patterns refuse it). */
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((text) => text.isWellFormed() && !text.includes('%') && text !== '.' && text !== '..');
const plainName = name.filter((text) => !text.includes('/'));

const event = (path: string) => ({
  httpMethod: 'GET',
  path,
  resource: '/{proxy+}',
  pathParameters: { proxy: path.slice(1) },
});
const matched = (path: string) => {
  const { segments } = fromGatewayEvent(event(path));
  const { route, params } = router.match('GET', segments);
  return { id: route.id, params: { ...params } };
};

describe('a name in a path', () => {
  it('arrives as it was where the gateway keeps escapes (AWS, LocalStack)', () => {
    fc.assert(
      fc.property(name, plainName, (model, version) => {
        const path = `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}`;
        expect(matched(path)).toEqual({ id: 'getVersion', params: { name: model, version } });
      }),
    );
  });

  it('arrives as it was where the gateway decodes once (MiniStack)', () => {
    fc.assert(
      fc.property(plainName, plainName, (model, version) => {
        expect(matched(`/models/${model}/versions/${version}`).params).toEqual({ name: model, version });
      }),
    );
  });

  it('arrives in a wildcard with its slashes, escaped or not', () => {
    fc.assert(
      fc.property(fc.array(plainName, { minLength: 1, maxLength: 5 }), (parts) => {
        const path = parts.join('/');
        const wanted = { id: 'getArtifact', params: { id: 'r', path } };
        expect(matched(`/runs/r/artifacts/${parts.map(encodeURIComponent).join('/')}`)).toEqual(wanted);
        expect(matched(`/runs/r/artifacts/${encodeURIComponent(path)}`)).toEqual(wanted);
      }),
    );
  });
});

describe('the edge', () => {
  const values = fc.oneof(fc.string({ unit: 'binary' }), fc.constant(undefined), fc.constant(null));
  const records = fc.dictionary(fc.string({ unit: 'binary' }), fc.array(fc.string({ unit: 'binary' })));

  it('never throws, whatever an event holds', () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            httpMethod: fc.string({ unit: 'binary' }),
            path: fc.string({ unit: 'binary' }),
            resource: fc.oneof(fc.constant('/{proxy+}'), fc.string()),
            pathParameters: fc.oneof(fc.constant(null), fc.record({ proxy: fc.string({ unit: 'binary' }) })),
            multiValueHeaders: fc.oneof(fc.constant(null), records),
            multiValueQueryStringParameters: fc.oneof(fc.constant(null), records),
            body: values,
            isBase64Encoded: fc.boolean(),
          },
          { requiredKeys: [] },
        ),
        (hostile) => {
          const request = fromGatewayEvent(hostile as never);
          expect(request.segments.every((segment) => segment !== '')).toBe(true);
          try {
            router.match(request.method, request.segments);
          } catch (error) {
            expect([404, 405]).toContain((error as { status: number }).status);
          }
        },
      ),
    );
  });

  it('gives bytes on as they came, through base64 and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const answer = toGatewayResult({ status: 200, headers: {}, body: bytes });
        const request = fromGatewayEvent({
          path: '/x',
          body: answer.body,
          isBase64Encoded: answer.isBase64Encoded,
        });
        expect(Buffer.from(request.body)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('is the same for the same path with any number of slashes', () => {
    fc.assert(
      fc.property(fc.array(plainName, { maxLength: 4 }), fc.integer({ min: 1, max: 3 }), (parts, times) => {
        const slash = '/'.repeat(times);
        const once = makeRequest({ method: 'get', path: `/${parts.join('/')}`, requestId: 'r' });
        const more = makeRequest({
          method: 'GET',
          path: `${slash}${parts.join(slash)}${slash}`,
          requestId: 'r',
        });
        expect(more.segments).toEqual(once.segments);
      }),
    );
  });
});

describe('parseJson', () => {
  it('agrees with JSON.parse on what is shallow and finite', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (text) => {
        fc.pre(!text.includes('__proto__'));
        expect(parseJson(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('takes or refuses with its own error, never another', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc
            .array(fc.constantFrom('[', ']', '{', '}', '"', '\\', ',', ':', '1e400', 'null'), {
              maxLength: 300,
            })
            .map((parts) => Buffer.from(parts.join(''))),
        ),
        (bytes) => {
          try {
            parseJson(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidJsonError);
          }
        },
      ),
    );
  });

  it('refuses by depth exactly what is deeper than allowed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (depth, limit) => {
        const bytes = Buffer.from('['.repeat(depth) + ']'.repeat(depth));
        if (depth <= limit) expect(() => parseJson(bytes, limit)).not.toThrow();
        else expect(() => parseJson(bytes, limit)).toThrow(/deeper/);
      }),
    );
  });
});

describe('transportSize', () => {
  it('is never below what JSON makes of a large body', () => {
    const char = fc.constantFrom('a', '"', '\\', '\n', '\t', '\u0001', 'ñ', '🌳');
    fc.assert(
      fc.property(fc.array(char, { minLength: 1, maxLength: 8 }), (unit) => {
        const text = unit.join('').repeat(Math.ceil(MAX_RESPONSE_BYTES / 5 / unit.length));
        expect(transportSize(text)).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(text)) - 2);
      }),
      { numRuns: 20 },
    );
  });
});
