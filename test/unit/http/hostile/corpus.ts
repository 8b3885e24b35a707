import { gzipSync } from 'node:zlib';

/** One hostile request: who sends it has every right, so that nothing but the input can be what is refused. */
export interface Hostile {
  name: string;
  method: string;
  path: string;
  query?: Record<string, string[]>;
  headers?: Record<string, string>;
  /** An object is sent as JSON; text and bytes as they are. */
  body?: unknown;
  status: number;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const NUL = '\u0000';
const LONE = '\ud800';
const RTL = '\u202e';
const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth);
const row = { hours: 10, absences: 2, tutor: true, school: 'north', note: 'quiet' };
const text = (value: unknown): string => JSON.stringify(value);

const of = (
  method: string,
  path: string,
  status: number,
  cases: Readonly<Record<string, unknown>>,
  headers: Record<string, string> = JSON_TYPE,
): Hostile[] =>
  Object.entries(cases).map(([name, body]) => ({
    name: `${method} ${path}: ${name}`,
    method,
    path,
    headers,
    status,
    body,
  }));

const PREDICT = '/models/grades/predict';

/** Bodies that are no JSON, or JSON made to hurt whoever reads it. */
const bodies: Hostile[] = [
  ...of('POST', PREDICT, 400, {
    nothing: '',
    blanks: '   ',
    'half an object': '{"hours": 1',
    'two objects': `${text(row)}${text(row)}`,
    'a comma at the end': '{"hours": 1,}',
    'a comment': '{"hours": 1 /* x */}',
    'single quotes': "{'hours': 1}",
    'a bare word': 'undefined',
    NaN: '{"hours": NaN}',
    Infinity: '{"hours": Infinity}',
    'minus Infinity': '{"hours": -Infinity}',
    'a number past every float': '{"hours": 1e400}',
    'minus a number past every float': '{"hours": -1e400}',
    'a number of 10,000 digits': `{"hours": ${'9'.repeat(10_000)}}`,
    'a hexadecimal number': '{"hours": 0x10}',
    'a leading zero': '{"hours": 010}',
    'a control character within a text': '{"note": "\u0001"}',
    'a broken escape': '{"note": "\\x41"}',
    'half a \\u escape': '{"note": "\\u12"}',
    '65 arrays within each other': nested(65),
    '100,000 arrays within each other': nested(100_000),
    '100,000 objects within each other': '{"a":'.repeat(100_000),
    'brackets that never end': '['.repeat(1_000_000),
    '__proto__ as a key': '{"__proto__": {"polluted": true}}',
    '__proto__ in a row': '{"rows": [{"__proto__": {"polluted": true}}]}',
    '__proto__ by escapes': '{"\\u005f_proto__": {"polluted": true}}',
    'a constructor with a prototype': '{"constructor": {"prototype": {"polluted": true}}}',
    'toString as a column': { ...row, toString: 'x' },
    'hasOwnProperty as a column': { ...row, hasOwnProperty: 1 },
    'bytes that are no UTF-8': Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
    'UTF-16': Buffer.from(text(row), 'utf16le'),
    'overlong UTF-8': Buffer.from([0x22, 0xc0, 0xaf, 0x22]),
    'a surrogate in UTF-8': Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
    gzip: gzipSync(text(row)),
    'a gzip bomb': gzipSync(Buffer.alloc(20_000_000)),
    'a zip': Buffer.from('504b0304140000000800', 'hex'),
    'XML with an entity': '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    YAML: '!!python/object/apply:os.system ["id"]',
    'a pickle': Buffer.from('80049526000000000000008c05706f736978948c0673797374656d', 'hex'),
    null: 'null',
    true: 'true',
    'a number': '5',
    'a text': '"x"',
    'an array': '[]',
    'rows of null': { rows: null },
    'rows of a text': { rows: 'x' },
    'rows of none': { rows: [] },
    'a row of null': { rows: [null] },
    'a row of an array': { rows: [[1, 2, 3]] },
    'a row within a row': { rows: [{ ...row, hours: row }] },
    'an object as a number': { ...row, hours: {} },
    'an array as a number': { ...row, hours: [1] },
    'an array of one text as a text': { ...row, note: ['quiet'] },
    'an object as a text': { ...row, note: { toString: 'x' } },
    'SQL as a number': { ...row, hours: '1; DROP TABLE runs' },
    'a column that there is not': { ...row, extra: 1 },
    'a column of 100,000 letters': { ...row, ['x'.repeat(100_000)]: 1 },
    'no column at all': {},
    'the second row broken': { rows: [row, { ...row, hours: 'x' }] },
  }),
  ...of('POST', PREDICT, 413, {
    '1,001 rows': { rows: Array.from({ length: 1_001 }, () => row) },
    'five megabytes of blanks': ' '.repeat(5_000_000),
  }),
  ...of('POST', PREDICT, 400, { 'a BOM before nothing': '\ufeff', 'two BOMs': `\ufeff\ufeff${text(row)}` }),
  ...[
    'text/plain',
    'text/csv',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/jsonp',
    'application/json5',
    'x',
    ',',
  ].flatMap((type) => of('POST', PREDICT, 415, { [`as ${type}`]: text(row) }, { 'content-type': type })),
];

/** Names of things, where a name becomes a part of a key. */
const NAMES: Readonly<Record<string, string>> = {
  'a NUL': `a${NUL}b`,
  'a line break': 'a\nb',
  'a carriage return and a header': 'a\r\nx-injected: 1',
  'a lone surrogate': `a${LONE}`,
  'an override of direction': `a${RTL}b`,
  'a zero-width space': 'a\u200bb',
  'a hash, which parts keys': 'a#b',
  'a slash': 'a/b',
  'a way up': '../../etc/passwd',
  'a backslash': 'a\\b',
  'a colon': 'a:b',
  '300 letters': 'x'.repeat(300),
};

const named = Object.entries(NAMES).flatMap(([name, value]): Hostile[] => [
  ...of('POST', '/workspaces', 400, { [`a name with ${name}`]: { name: value } }),
  ...of(
    'PUT',
    `/models/grades/aliases/${encodeURIComponent(value.toWellFormed() === value ? value : 'a#b')}`,
    400,
    {
      [`an alias with ${name}`]: { version: '1' },
    },
  ).map((one) => ({ ...one, path: one.path.replace('%2F', '%252F').replaceAll('%2F', '%252F') })),
]);

/** MLflow's names may hold more than ours; what no store can hold, or no list can show, is refused. */
const mlflowNames: Hostile[] = [
  ...of('POST', '/api/2.0/mlflow/registered-models/create', 400, {
    'a slash': { name: 'a/b' },
    'a colon': { name: 'a:b' },
    'a way up': { name: '..' },
    here: { name: '.' },
    blanks: { name: '   ' },
    nothing: { name: '' },
    'a NUL': { name: `a${NUL}b` },
    'a lone surrogate': '{"name": "a\\ud800"}',
    '10,000 letters': { name: 'x'.repeat(10_000) },
    'a number': { name: 5 },
    'an object': { name: { a: 1 } },
    'an array': { name: ['a'] },
    null: { name: null },
    'a tag that is a path': { name: 'm', tags: [{ key: '../../x', value: '1' }] },
    'a tag of 10,000 letters': { name: 'm', tags: [{ key: 'x'.repeat(10_000), value: '1' }] },
    'a tag of a megabyte': { name: 'm', tags: [{ key: 'x', value: 'y'.repeat(1_000_000) }] },
    'tags that are an object': { name: 'm', tags: { key: 'a' } },
    '65 levels': `{"name": ${nested(65)}}`,
  }),
  ...of(
    'POST',
    '/api/2.0/mlflow/registered-models/create',
    400,
    {
      'no content type': text({ name: 'm' }),
    },
    {},
  ),
  ...of(
    'POST',
    '/api/2.0/mlflow/registered-models/create',
    400,
    {
      'as a form': 'name=m',
    },
    { 'content-type': 'application/x-www-form-urlencoded' },
  ),
  ...of('POST', '/api/2.0/mlflow/experiments/create', 400, {
    nothing: { name: '' },
    'a lone surrogate': '{"name": "\\udc00"}',
    '501 letters': { name: 'x'.repeat(501) },
    'a number': { name: 1 },
    'a place on another host': { name: 'e', artifact_location: 'http://169.254.169.254/latest/meta-data' },
    'a tag that is a path': { name: 'e', tags: [{ key: '/etc/passwd', value: '' }] },
  }),
  ...of('POST', '/api/2.0/mlflow/runs/create', 400, {
    'an experiment of letters': { experiment_id: 'abc' },
    'an experiment below nothing': { experiment_id: '1; DROP TABLE' },
    'a start of 1e400': '{"experiment_id": "0", "start_time": 1e400}',
    'a start of half a millisecond': { experiment_id: '0', start_time: 0.5 },
    'a start of NaN': '{"experiment_id": "0", "start_time": NaN}',
    'tags of a text': { experiment_id: '0', tags: 'x' },
    'a tag without a key': { experiment_id: '0', tags: [{ value: 'x' }] },
  }),
  ...of('POST', '/api/2.0/mlflow/runs/log-batch', 400, {
    'no run': { metrics: [] },
    'two spellings of one field': { run_id: 'RUN', runId: 'RUN' },
    '1,001 metrics': {
      run_id: 'RUN',
      metrics: Array.from({ length: 1_001 }, (_, i) => ({ key: `m${i}`, value: 1, timestamp: 1, step: 0 })),
    },
    '101 params': {
      run_id: 'RUN',
      params: Array.from({ length: 101 }, (_, i) => ({ key: `p${i}`, value: '1' })),
    },
    '101 tags': {
      run_id: 'RUN',
      tags: Array.from({ length: 101 }, (_, i) => ({ key: `t${i}`, value: '1' })),
    },
    'a metric that is a path': {
      run_id: 'RUN',
      metrics: [{ key: '../../x', value: 1, timestamp: 1, step: 0 }],
    },
    'a metric of an object': { run_id: 'RUN', metrics: [{ key: 'm', value: {}, timestamp: 1, step: 0 }] },
    'a step past 64 bits':
      '{"run_id": "RUN", "metrics": [{"key": "m", "value": 1, "timestamp": 1, "step": 1e30}]}',
    'one param twice with two values': {
      run_id: 'RUN',
      params: [
        { key: 'p', value: '1' },
        { key: 'p', value: '2' },
      ],
    },
    'a param with a NUL in its key': { run_id: 'RUN', params: [{ key: `a${NUL}`, value: '1' }] },
    'the second of two broken': {
      run_id: 'RUN',
      tags: [
        { key: 'good', value: '1' },
        { key: '../bad', value: '1' },
      ],
    },
  }),
  ...of('POST', '/api/2.0/mlflow/model-versions/create', 400, {
    'a source on this disk': { name: 'grades', source: 'file:///etc/passwd' },
    'a source by a way up': { name: 'grades', source: 'mlflow-artifacts:/0/../../../etc' },
    'a source by an escaped way up': { name: 'grades', source: 'mlflow-artifacts:/0/%2e%2e/%2e%2e/etc' },
    'a source that is a path': { name: 'grades', source: '/etc/passwd' },
    'no source': { name: 'grades' },
  }),
];

/** Files of runs: no path may lead out of the caller's own folder. */
const paths: Hostile[] = [
  '0/RUN/artifacts/../../../other',
  '0/RUN/artifacts/%2e%2e/%2e%2e/other',
  '0/RUN/artifacts/%2E%2E/x',
  '0/RUN/artifacts/..%2fx',
  '0/RUN/artifacts/..%5cx',
  '0/RUN/artifacts/%252e%252e/x',
  '0/RUN/artifacts/a%00b',
  '0/RUN/artifacts/a%5cb',
  '../default/models/x',
  '..',
  '%2e%2e',
  `0/RUN/artifacts/${'x'.repeat(600)}/${'x'.repeat(600)}`,
].map((path) => ({
  name: `PUT artifacts/${path.slice(0, 60)}`,
  method: 'PUT',
  path: `/api/2.0/mlflow-artifacts/artifacts/${path}`,
  headers: { 'content-type': 'application/octet-stream' },
  body: 'x',
  status: 400,
}));

/** Our own routes' bodies: fields that are not theirs, values past their bounds. */
const fields: Hostile[] = [
  ...of('POST', '/tokens', 400, {
    'a role that there is not': { role: 'root', name: 'x' },
    'a role by prototype': { role: 'toString', name: 'x' },
    'a role in an array': { role: ['admin'], name: 'x' },
    'no name': { role: 'viewer' },
    'a field more': { role: 'viewer', name: 'x', tokenId: 'f'.repeat(16) },
    'a token of its own': { role: 'admin', name: 'x', token: 'mine' },
    'an end in the past': { role: 'viewer', name: 'x', expiresAt: '2001-01-01T00:00:00Z' },
    'an end that is no time': { role: 'viewer', name: 'x', expiresAt: 'tomorrow' },
    'a workspace with a hash': { role: 'viewer', name: 'x', workspace: 'a#b' },
    'a workspace that is a way up': { role: 'viewer', name: 'x', workspace: '..' },
    'an empty workspace': { role: 'viewer', name: 'x', workspace: '' },
    'one key twice, the last a lie': '{"role": "viewer", "name": "x", "role": "root"}',
  }),
  ...of('POST', '/data/uploads', 400, {
    'a path for a name': { fileName: '../../x.csv', bytes: 1, sha256: 'a'.repeat(64) },
    'a NUL in a name': { fileName: `a${NUL}.csv`, bytes: 1, sha256: 'a'.repeat(64) },
    'a name of 256 letters': { fileName: 'x'.repeat(256), bytes: 1, sha256: 'a'.repeat(64) },
    'no bytes': { fileName: 'x.csv', bytes: 0, sha256: 'a'.repeat(64) },
    'less than no bytes': { fileName: 'x.csv', bytes: -1, sha256: 'a'.repeat(64) },
    'half a byte': { fileName: 'x.csv', bytes: 0.5, sha256: 'a'.repeat(64) },
    'a terabyte': { fileName: 'x.csv', bytes: 1e12, sha256: 'a'.repeat(64) },
    'more bytes than an integer holds': { fileName: 'x.csv', bytes: 1e300, sha256: 'a'.repeat(64) },
    'a hash in capitals': { fileName: 'x.csv', bytes: 1, sha256: 'A'.repeat(64) },
    'a short hash': { fileName: 'x.csv', bytes: 1, sha256: 'a' },
    'a hash with a line behind it': { fileName: 'x.csv', bytes: 1, sha256: `${'a'.repeat(64)}\n` },
    'a key of its own': { fileName: 'x.csv', bytes: 1, sha256: 'a'.repeat(64), key: 'other/models/x' },
  }),
  ...of('POST', '/pipelines/grades/data', 400, {
    'an upload by a way up': { uploadId: '../../other/uploads/x' },
    'an upload of an object': { uploadId: {} },
  }),
  ...of('POST', '/pipelines/grades/data', 404, {
    'an upload that there is not': { uploadId: '0'.repeat(32) },
  }),
  ...of('PUT', '/models/grades/aliases/champion', 400, {
    'version 0': { version: '0' },
    'a version of minus one': { version: '-1' },
    'a version in a float': { version: '1.0' },
    'a version of a number': { version: 1 },
    'a version of 100 digits': { version: '9'.repeat(100) },
    'a version by expression': { version: '1 OR 1=1' },
    'a reason of 1,001 letters': { version: '1', reason: 'x'.repeat(1_001) },
    'an expectation of a number': { version: '1', expectedVersion: 1 },
    'a field more': { version: '1', actor: 'somebody else' },
  }),
  ...of('PUT', '/models/grades/aliases/champion', 404, { 'a version that there is not': { version: '999' } }),
  ...of('PUT', '/models/grades/aliases/latest', 400, { 'the reserved alias latest': { version: '1' } }),
  ...of('PUT', '/models/grades/aliases/v7', 400, { 'an alias that poses as a version': { version: '1' } }),
  ...of('PUT', '/models/grades/versions/1/stage', 400, {
    'a stage that there is not': { stage: 'Live' },
    'a stage by prototype': { stage: '__proto__' },
    'no stage': {},
  }),
  ...of('PUT', '/models/grades/policy', 400, {
    'a text for a truth': { requireStaging: 'true' },
    nothing: {},
    'a field more': { requireStaging: true, workspace: 'other' },
  }),
  ...of('PUT', '/models/grades/split', 400, {
    'no arms': { kind: 'ab', arms: [], reason: 'x' },
    'weights of 99': {
      kind: 'ab',
      arms: [
        { version: '1', weight: 50 },
        { version: '2', weight: 49 },
      ],
      reason: 'x',
    },
    'weights of 200': {
      kind: 'ab',
      arms: [
        { version: '1', weight: 100 },
        { version: '2', weight: 100 },
      ],
      reason: 'x',
    },
    'less than no weight': {
      kind: 'ab',
      arms: [
        { version: '1', weight: -50 },
        { version: '2', weight: 150 },
      ],
      reason: 'x',
    },
    'half a percent': {
      kind: 'ab',
      arms: [
        { version: '1', weight: 50.5 },
        { version: '2', weight: 49.5 },
      ],
      reason: 'x',
    },
    'a weight of a text': { kind: 'ab', arms: [{ version: '1', weight: '100' }], reason: 'x' },
    'one version twice': {
      kind: 'ab',
      arms: [
        { version: '1', weight: 50 },
        { version: '1', weight: 50 },
      ],
      reason: 'x',
    },
    'eleven arms': {
      kind: 'ab',
      arms: Array.from({ length: 11 }, (_, i) => ({ version: String(i + 1), weight: 9 })),
      reason: 'x',
    },
    'another kind': {
      kind: 'canary',
      arms: [
        { version: '1', weight: 50 },
        { version: '2', weight: 50 },
      ],
      reason: 'x',
    },
    'no reason': {
      kind: 'ab',
      arms: [
        { version: '1', weight: 50 },
        { version: '2', weight: 50 },
      ],
    },
    'a reason of 1,001 letters': {
      kind: 'ab',
      arms: [
        { version: '1', weight: 50 },
        { version: '2', weight: 50 },
      ],
      reason: 'x'.repeat(1_001),
    },
    'four shadows': {
      kind: 'ab',
      arms: [
        { version: '1', weight: 50 },
        { version: '2', weight: 50 },
      ],
      shadows: ['1', '2', '3', '4'],
      reason: 'x',
    },
    'a guard that asks for more than all': {
      kind: 'blue-green',
      arms: [
        { version: '1', weight: 50 },
        { version: '2', weight: 50 },
      ],
      guard: { maxErrorRate: 2, maxLatencyMs: 1, minRequests: 1, windowMinutes: 1 },
      reason: 'x',
    },
    'a guard of no requests': {
      kind: 'blue-green',
      arms: [
        { version: '1', weight: 50 },
        { version: '2', weight: 50 },
      ],
      guard: { maxErrorRate: 0.1, maxLatencyMs: 1, minRequests: 0, windowMinutes: 1 },
      reason: 'x',
    },
    'a field more': {
      kind: 'ab',
      arms: [
        { version: '1', weight: 50 },
        { version: '2', weight: 50 },
      ],
      state: 'running',
      reason: 'x',
    },
  }),
  ...of('PUT', '/models/grades/split', 404, {
    'a version that there is not': {
      kind: 'ab',
      arms: [
        { version: '2', weight: 50 },
        { version: '99', weight: 50 },
      ],
      reason: 'x',
    },
  }),
  ...of('PUT', '/models/grades/split', 409, {
    'a revision that it is not at': {
      kind: 'ab',
      arms: [
        { version: '1', weight: 50 },
        { version: '2', weight: 50 },
      ],
      revision: 77,
      reason: 'x',
    },
  }),
  ...of('POST', '/models/grades/split/promote', 409, { 'no split to promote from': { reason: 'x' } }),
  ...of('DELETE', '/models/grades/split?', 404, { 'a path with a mark at its end': '' }),
  ...of('POST', '/models/grades/batch-predictions', 400, {
    'an upload by a way up': { uploadId: '../../other/uploads/x' },
    'no upload': {},
    'a format that there is not': { uploadId: '0'.repeat(32), format: 'exe' },
    'a key of its own': { uploadId: '0'.repeat(32), key: 'other/data/x.csv' },
    'a URL': { url: 'http://169.254.169.254/' },
  }),
  ...of('POST', '/models/grades/batch-predictions', 404, {
    'an upload that there is not': { uploadId: '0'.repeat(32), format: 'csv' },
  }),
  ...of('POST', '/models/grades/feedback', 400, {
    nothing: {},
    'a request by a way up': { requestId: '../x', label: 'low' },
    'a request with a hash': { requestId: 'a#b', label: 'low' },
    'a label of an object': { requestId: 'r1', label: {} },
    'a label of null': { requestId: 'r1', label: null },
    'a label of 1,001 letters': { requestId: 'r1', label: 'x'.repeat(1_001) },
    'a label past every float': '{"requestId": "r1", "label": 1e400}',
    'no labels': { requestId: 'r1', labels: [] },
    '1,001 labels': { requestId: 'r1', labels: Array.from({ length: 1_001 }, () => 'low') },
    '501 items': { items: Array.from({ length: 501 }, (_, i) => ({ requestId: `r${i}`, label: 'low' })) },
    'a row below none': { items: [{ requestId: 'r1', row: -1, label: 'low' }] },
    'label and labels': { requestId: 'r1', label: 'low', labels: ['low'] },
    'a version of its own': { requestId: 'r1', label: 'low', version: '1' },
  }),
  ...of('POST', '/models/grades/feedback', 404, {
    'a request that there was not': { requestId: 'r1', label: 'low' },
    'two requests that there were not': {
      items: [
        { requestId: 'r1', label: 'low' },
        { requestId: 'r2', label: 'low' },
      ],
    },
  }),
  ...of('POST', '/models/grades/rollback', 400, {
    'an alias with a hash': { alias: 'a#b' },
    'a field more': { alias: 'production', force: true },
  }),
  ...of('POST', '/pipelines/grades/runs', 400, {
    'a stage that there is not': { from: 'rm -rf' },
    'force of a text': { force: 'yes' },
    'a field more': { force: true, workspace: 'other' },
    'an array': [],
  }),
  ...of(
    'POST',
    '/pipelines/grades/runs',
    400,
    { 'an Idempotency-Key of blanks': {} },
    { ...JSON_TYPE, 'idempotency-key': 'a b' },
  ),
  ...of(
    'POST',
    '/pipelines/grades/runs',
    400,
    { 'an Idempotency-Key of 129 letters': {} },
    { ...JSON_TYPE, 'idempotency-key': 'x'.repeat(129) },
  ),
  ...of('PUT', '/pipelines/grades/schedule', 400, { 'a state that there is not': { state: 'stopped' } }),
  ...of('PUT', '/pipelines/grades/collector', 400, {
    'a source on this machine': { url: 'file:///etc/passwd' },
    'a source that is no URL': { url: 'x' },
    'a source by another scheme': { url: 'gopher://x' },
    'no settings': {},
    'no seconds': { every: 0 },
  }),
];

/** Queries and cursors: each value comes back from somebody. */
const queries: Hostile[] = (
  [
    ['/runs', { limit: ['0'] }],
    ['/runs', { limit: ['-1'] }],
    ['/runs', { limit: ['1e3'] }],
    ['/runs', { limit: ['99999999'] }],
    ['/runs', { limit: ['10', '20'] }],
    ['/runs', { limit: ['٣'] }],
    ['/runs', { cursor: [''] }],
    ['/runs', { cursor: ['not-a-cursor'] }],
    ['/runs', { cursor: ['eyJwayI6Im90aGVyIn0='] }],
    ['/runs', { cursor: ['x'.repeat(5_000)] }],
    ['/runs', { pipeline: [`a${NUL}`] }],
    ['/runs', { pipeline: ['a#b'] }],
    ['/runs', { __proto__x: ['1'] }],
    ['/runs', { constructor: ['1'] }],
    ['/runs', { parent: ['x'] }],
    ['/models', { cursor: ['AAAA'] }],
    ['/experiments', { cursor: ['AAAA'] }],
    ['/predictions', {}],
    ['/predictions', { model: ['grades'], from: ['yesterday'] }],
    ['/predictions', { model: ['grades'], from: ['2026-13-45'] }],
    ['/predictions', { model: ['grades'], from: ['9'.repeat(1_000)] }],
    ['/predictions', { model: ['grades'], cursor: ['AAAA'] }],
    ['/datasets', { pipeline: ['../x'] }],
    ['/runs/RUN/logs', { stage: ['x'] }],
    ['/models/grades/traffic', { from: ['yesterday'] }],
    ['/models/grades/traffic', { by: ['second'] }],
    ['/models/grades/drift', { cursor: ['AAAA'] }],
    ['/runs/RUN/diff', {}],
    ['/runs/RUN/diff', { with: ['../RUN'] }],
    ['/runs/not-a-run', {}],
    [`/runs/${'f'.repeat(33)}`, {}],
    [`/runs/${'F'.repeat(32)}`, {}],
    ['/runs/%00', {}],
    ['/datasets/zzzzzz', {}],
    ['/datasets/abc', {}],
    ['/models/%20', {}],
    ['/models/..%2f..', {}],
    ['/models/a%23b', {}],
    ['/models/grades/versions/0', {}],
    ['/models/grades/versions/1e0', {}],
    ['/models/grades/versions/%2b1', {}],
    ['/experiments/-1', {}],
    ['/experiments/0x0', {}],
    ['/predictions/..', {}],
    ['/predictions/a%2fb', {}],
  ] as [string, Record<string, string[]>][]
).map(([path, query]) => ({
  name: `GET ${path.slice(0, 50)}?${text(query).slice(0, 60)}`,
  method: 'GET',
  path,
  query,
  status: 400,
}));

const filter = (body: object): unknown => ({ experiment_ids: ['0'], ...body });
/** Grammars: what a parser that backtracks would never finish. */
const grammars: Hostile[] = of('POST', '/api/2.0/mlflow/runs/search', 400, {
  'a filter of 100,000 letters': filter({ filter: 'a'.repeat(100_000) }),
  'a filter of 50,000 quotes': filter({ filter: "'".repeat(50_001) }),
  'a filter of 20,000 brackets': filter({ filter: '('.repeat(20_000) }),
  'blanks that end in something else': filter({ filter: `params.a = ${' '.repeat(50_000)}!` }),
  'backslashes without end': filter({ filter: `params.a = '${'\\'.repeat(50_001)}` }),
  SQL: filter({ filter: '1=1; DROP TABLE runs; --' }),
  'a union': filter({ filter: 'metrics.a > 1 UNION SELECT * FROM tokens' }),
  'a subquery': filter({ filter: 'metrics.a > (SELECT 1)' }),
  'an order of SQL': filter({ order_by: ['start_time; DROP TABLE runs'] }),
  'an order of 100,000 letters': filter({ order_by: ['x'.repeat(100_000)] }),
  'an order that is no list': filter({ order_by: 'start_time' }),
  'a page token of another': filter({ page_token: 'eyJvZmZzZXQiOiAxMDB9' }),
  'no results': filter({ max_results: 0 }),
  'fewer than none': filter({ max_results: -5 }),
  'more than MLflow gives': filter({ max_results: 50_001 }),
  'results in an object': filter({ max_results: {} }),
});

const CSV = { 'content-type': 'text/csv' };
/** CSV for the scoring routes. */
const csv: Hostile[] = of(
  'POST',
  '/models/grades/invocations',
  400,
  {
    nothing: '',
    'a header alone with a column that there is not': 'hours,=cmd|calc\n1,2\n',
    'a quote that never ends': `hours,note\n1,"${'x'.repeat(10_000)}`,
    'a row that is too long': 'hours,absences,tutor,school,note\n1,2,true,north,quiet,more\n',
    'a NUL in a header': `hours${NUL}\n1\n`,
    'a formula as a number': 'hours,absences,tutor,school,note\n=1+1,2,true,north,quiet\n',
    '100,000 columns': `${Array.from({ length: 100_000 }, (_, i) => `c${i}`).join(',')}\n${','.repeat(99_999)}\n`,
  },
  CSV,
);

/** Methods and paths that are no route's. */
const routes: Hostile[] = (
  [
    ['TRACE', '/runs', 405],
    ['CONNECT', '/runs', 405],
    ['PROPFIND', '/runs', 405],
    ['DELETE', '/runs', 405],
    ['POST', '/openapi.json', 405],
    ['GET', '/runs/../tokens', 404],
    ['GET', '/.env', 404],
    ['GET', '/.git/config', 404],
    ['GET', '/wp-admin/', 404],
    ['GET', '/docs/..%2f..%2fpackage.json', 400],
    ['GET', '/docs/%2e%2e', 404],
    ['GET', '/docs/package.json', 404],
    ['GET', '/docs/__proto__', 404],
    ['GET', '/docs/constructor', 404],
    ['GET', `/${'x'.repeat(5_000)}`, 404],
    ['GET', '/models/__proto__', 404],
    ['GET', '/models/constructor', 404],
    ['GET', '/pipelines/__proto__', 404],
    ['GET', '/pipelines/toString', 404],
    ['POST', '/pipelines/constructor/runs', 404],
    ['POST', '/models/__proto__/predict', 404],
    ['GET', "/models/1'%20OR%20'1'='1", 404],
    ['GET', '/models/%3Cscript%3Ealert(1)%3C%2Fscript%3E', 400],
  ] as [string, string, number][]
).map(([method, path, status]) => ({
  name: `${method} ${path.slice(0, 60)} is ${status}`,
  method,
  path,
  status,
  ...(method === 'POST' && path.includes('predict') ? { headers: JSON_TYPE, body: row } : {}),
}));

export const CORPUS: readonly Hostile[] = [
  ...bodies,
  ...named,
  ...mlflowNames,
  ...paths,
  ...fields,
  ...queries,
  ...grammars,
  ...csv,
  ...routes,
];
