import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../support/seed.ts';
import { hashOf, type Place, placeOf } from '../../../console/address.ts';
import { Api, baseOf, isToken, Problem, path } from '../../../console/lib/api.ts';
import { ago, bytes, duration, figure, percent, ran } from '../../../console/lib/format.ts';
import { bestFirst, chief, measured, selectedBy, standsFor } from '../../../console/lib/metrics.ts';
import { compileForPage } from '../../../lib/infra/bundle/index.ts';
import { dataKind } from '../../../lib/tracking/data-kind.ts';
import { chromiumPath } from '../../browser/support/browser.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** What a call ended with. */
const failure = (call: Promise<unknown>): Promise<Problem> =>
  call.then(
    () => expect.fail('it was answered'),
    (error) => error as Problem,
  );

describe('the API as the page calls it', () => {
  const calls: { url: string; init: RequestInit }[] = [];
  const api = (status: number, body: string) => {
    calls.length = 0;
    const send = async (url: unknown, init?: RequestInit) => {
      calls.push({ url: String(url), init: init as RequestInit });
      return new Response(body, { status });
    };
    return new Api({ base: 'https://h/v1', token: 'secret', fetch: send as typeof fetch });
  };

  it('sends the token in its header, and in no address', async () => {
    expect(await api(200, '{"a":1}').get(path`/models/${'a b/c'}`, { limit: 3, cursor: undefined })).toEqual({
      a: 1,
    });
    const [call] = calls;
    expect(call?.url).toBe('https://h/v1/models/a%20b%2Fc?limit=3');
    expect(call?.init).toMatchObject({ credentials: 'omit', headers: { authorization: 'Bearer secret' } });
  });

  it("throws the API's own error, and one of its own where the answer is none", async () => {
    const body = JSON.stringify({ code: 'X', message: 'm', remedy: 'r', field: 'rows[0].a' });
    const error = await failure(api(400, body).post('/predict', {}));
    expect(error).toBeInstanceOf(Problem);
    expect({ ...error, message: error.message }).toEqual({
      status: 400,
      code: 'X',
      message: 'm',
      remedy: 'r',
      field: 'rows[0].a',
    });
    const page = await failure(api(502, '<html>').get('/runs'));
    expect([page.status, page.code, page.message]).toEqual([502, 'BAD_ANSWER', 'the API answered 502']);
    const down = new Api({ base: 'https://h', token: 't', fetch: () => Promise.reject(new TypeError('x')) });
    expect((await failure(down.get('/runs'))).code).toBe('UNREACHABLE');
  });

  it.each([
    ['/v1', 'http://h/v1'],
    ['/v1/', 'http://h/v1'],
    ['/', 'http://h'],
    ['/restapis/x/v1/_user_request_/', 'http://h/restapis/x/v1/_user_request_'],
  ])('%s lies at %s', (pathname, base) => expect(baseOf({ origin: 'http://h', pathname })).toBe(base));

  it('takes for a token what a header can carry', () => {
    expect([isToken('arb_1'), isToken(''), isToken('a b'), isToken('ü'), isToken('x'.repeat(513))]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('the address', () => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' }).filter((value) => value.isWellFormed());
  const place: fc.Arbitrary<Place> = fc.oneof(
    fc.constant<Place>({ view: 'runs' }),
    fc.constant<Place>({ view: 'models' }),
    text.map((pipeline): Place => ({ view: 'runs', pipeline })),
    fc.tuple(text, text).map(([filter, order]): Place => ({ view: 'runs', filter, order })),
    fc.tuple(text, text).map(([id, tab]): Place => ({ view: 'run', id, tab })),
    fc.array(text, { maxLength: 10 }).map((ids): Place => ({ view: 'compare', ids })),
    fc.constantFrom<Place>({ view: 'pipelines' }, { view: 'try' }, { view: 'health' }),
    text.map((name): Place => ({ view: 'pipeline', name })),
    fc.tuple(text, text).map(([model, version]): Place => ({ view: 'try', model, version })),
    text.map((model): Place => ({ view: 'health', model })),
    text.map((id): Place => ({ view: 'run', id })),
    fc.tuple(text, text).map(([name, version]): Place => ({ view: 'model', name, version })),
  );

  it('of any place leads back to it', () => {
    fc.assert(
      fc.property(place, (one) => {
        expect(placeOf(hashOf(one))).toEqual(one);
      }),
    );
  });

  it('that is none of ours leads nowhere, and an unknown one to the runs', () => {
    expect(placeOf('#main')).toBeUndefined();
    for (const hash of ['', '#', '#/', '#/nowhere', '#/runs/a/b', '#/runs/'])
      expect(placeOf(hash)).toEqual({ view: 'runs' });
    expect(placeOf('#/models/%zz')).toEqual({ view: 'model', name: '%zz' });
  });
});

describe('what is shown', () => {
  it.each([
    [0.735912, '0.7359'],
    [46008.4, '46,008'],
    [0, '0'],
    [1e-7, '1.000e-7'],
    [Number.NaN, 'NaN'],
  ])('figure %d is %s', (value, shown) => expect(figure(value)).toBe(shown));

  it.each([
    [0.1234, '12.3\u00a0%'],
    [1, '100.0\u00a0%'],
    [0, '0.0\u00a0%'],
    [0.0002, '0.02\u00a0%'],
  ])('share %d is %s', (value, shown) => expect(percent(value)).toBe(shown));

  it.each([
    [340, '340 ms'],
    [12_400, '12 s'],
    [61_000, '1 min 1 s'],
    [3_840_000, '1 h 4 min'],
    [Number.NaN, ''],
    [-1, ''],
  ])('%d ms are %s', (value, shown) => expect(duration(value)).toBe(shown));

  it.each([
    [999, '999 B'],
    [45_540, '45.5 kB'],
    [999_999, '1 MB'],
    [12_000_000, '12 MB'],
  ])('%d bytes are %s', (value, shown) => expect(bytes(value)).toBe(shown));

  it('is how long ago, and how long a run has taken', () => {
    const now = Date.parse('2026-01-02T00:00:00Z');
    expect(
      ['2026-01-01T23:59:30Z', '2026-01-01T23:50:00Z', '2026-01-01T20:00:00Z', '2025-12-24T00:00:00Z'].map(
        (at) => ago(at, now),
      ),
    ).toEqual(['just now', '10 min ago', '4 h ago', '2025-12-24']);
    const run = { status: 'RUNNING', startTime: '2026-01-01T23:59:50Z', tags: {} };
    expect([ran(run, now), ran({ ...run, endTime: '2026-01-01T23:59:52Z' }, now)]).toEqual(['10 s', '2 s']);
  });

  it('of data is what the run said', () => {
    expect([
      dataKind({ 'data.synthetic': 'true' }),
      dataKind({ 'data.synthetic': 'false' }),
      dataKind({}),
    ]).toEqual(['synthetic', 'real', undefined]);
  });
});

describe('metrics', () => {
  it('are the chief ones, also of a candidate, else what there is', () => {
    expect(chief({ log_loss: 1, f1_weighted: 0.5, accuracy: 0.25 })).toEqual([
      ['accuracy', '0.25'],
      ['f1_weighted', '0.5'],
    ]);
    expect(chief({ cv_rmse: 2, cv_rmse_std: 1 })).toEqual([['cv_rmse', '2']]);
    expect(chief({ b: 1, a: 2 }, 1)).toEqual([['a', '2']]);
    expect(measured({ validation_r2: 0.5 }, 'r2')).toEqual(['validation_r2', 0.5]);
  });

  it('order runs, less being better where it is, those without it last', () => {
    const runs = [{}, { rmse: 3 }, { validation_rmse: 1 }, { rmse: Number.NaN }, { rmse: 2 }].map(
      (metrics) => ({ metrics }),
    );
    const order = (metric: string) =>
      bestFirst(runs as { metrics: Record<string, number> }[], { metric }).map(
        ({ metrics }) => Object.values(metrics)[0],
      );
    expect(order('rmse')).toEqual([1, 2, 3, undefined, Number.NaN]);
    const own = [{ metrics: { profit: 1 } }, { metrics: { profit: 5 } }];
    expect(bestFirst(own, { metric: 'profit' }).map(({ metrics }) => metrics.profit)).toEqual([5, 1]);
  });
});

describe('a candidate', () => {
  it('is judged by the rows that the selection looks at, not by the test rows that flatter another', () => {
    const metrics = { f1: 0.9, validation_f1: 0.5 };
    expect(selectedBy(metrics, { metric: 'f1', on: 'validation' })).toBe(0.5);
    expect(selectedBy(metrics, { metric: 'f1', on: 'test' })).toBe(0.9);
    expect(selectedBy({ cv_f1: 0.4, validation_f1: 0.5 }, { metric: 'f1' })).toBe(0.4);
    expect(selectedBy({}, { metric: 'f1' })).toBeUndefined();
    const runs = [{ metrics: { f1: 0.9, validation_f1: 0.1 } }, { metrics: { f1: 0.2, validation_f1: 0.8 } }];
    expect(bestFirst(runs, { metric: 'f1', on: 'validation' })).toEqual(runs.toReversed());
  });

  it.each([
    [{ batch_id: '4', 'data.part': 'batch' }, 'batch 4'],
    [{ 'data.part': 'whole' }, 'all rows'],
    [{ 'data.part': 'row-split' }, 'row split'],
    [{ 'data.part': 'merged', 'candidate.kind': 'tuning' }, 'merged, tuning'],
    [{}, ''],
  ])('%j is shown as %j', (tags, text) => {
    expect(standsFor(tags as Record<string, string>)).toBe(text);
  });
});

describe('the compiled page', () => {
  it('weighs at most 120 KB with gzip, names no host, and has no text that could end its element', async () => {
    const [script, style] = await Promise.all(
      ['./console/main.tsx', './console/style/main.css'].map(async (file) =>
        Buffer.from(await compileForPage(ROOT, file)),
      ),
    );
    const size = gzipSync(script as Buffer).length + gzipSync(style as Buffer).length;
    expect(size).toBeGreaterThan(10_000);
    expect(size).toBeLessThanOrEqual(120_000);
    // The names of XML namespaces look like addresses and are none.
    const text = `${script}${style}`.replaceAll(/http:\/\/www\.w3\.org\/(1999|2000|1998)\/[\w/]+/g, '');
    expect(text).not.toMatch(/<\/(script|style)|https?:\/\/\w|@import|\bimport\s*[('"]/i);
  });

  it('has no rule for a word of colour alone: badges and signs carry them, whatever page they stand on', () => {
    const sheets = readdirSync(join(ROOT, 'console'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.css'),
    );
    expect(sheets.length).toBeGreaterThan(5);
    for (const name of sheets) {
      const text = readFileSync(join(ROOT, 'console', name), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
      expect(text, name).not.toMatch(/(^|[,}])\s*\.(good|bad|warn|note|plain|alias)\s*[,{]/);
    }
  });

  it('is made of sources that read no HTML, and keep the token nowhere else', () => {
    const files = readdirSync(join(ROOT, 'console'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.tsx?$/.test(name),
    );
    expect(files.length).toBeGreaterThan(30);
    for (const name of files) {
      const text = readFileSync(join(ROOT, 'console', name), 'utf8');
      expect(text, name).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|document\.cookie/,
      );
      // What outlives the tab is a choice of looks, and never the token.
      if (name !== 'lib/preferences.ts') expect(text, name).not.toMatch(/localStorage/);
    }
  });
});

describe('the Chromium of the browser tests', () => {
  it('is the one that CHROMIUM names, else an installed one', () => {
    expect(chromiumPath({ CHROMIUM: '/opt/c' }, () => true)).toBe('/opt/c');
    expect(chromiumPath({}, (file) => file === '/usr/bin/chromium-browser')).toBe(
      '/usr/bin/chromium-browser',
    );
  });

  it('where it is missing, the lane fails and says how to get one', () => {
    expect(() => chromiumPath({ CHROMIUM: '/opt/c' }, () => false)).toThrow('CHROMIUM names /opt/c');
    expect(() => chromiumPath({}, () => false)).toThrow('apt-get install chromium');
  });
});
