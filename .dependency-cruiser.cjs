/**
 * The rooms of docs/architecture.md, kept true: imports point one way.
 * `errors` and `table` are the floor; `store` alone knows the AWS SDK, `infra` alone knows aws-cdk-lib.
 */
const room = (name) => `^lib/${name}/`;
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(lib|lambdas|bin|data|test|console)/', pathNot: [from, ...allowed].join('|') },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan-import',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^bun:' },
    },
    {
      name: 'aws-cdk-only-in-infra',
      severity: 'error',
      from: { pathNot: '^(lib/infra|bin/app\\.ts|test)' },
      to: { path: 'node_modules/(aws-cdk-lib|constructs|cdk-nag)' },
    },
    {
      name: 'aws-sdk-only-in-store',
      severity: 'error',
      from: { pathNot: '^(lib/store|test)' },
      to: { path: 'node_modules/@aws-sdk' },
    },
    only('errors-is-the-floor', room('errors'), []),
    only('table-imports-errors-only', room('table'), [room('errors')]),
    only('learn-imports-table-only', room('learn'), [room('errors'), room('table')]),
    only('store-imports-errors-only', room('store'), [room('errors')]),
    only('tracking-imports-ports', room('tracking'), [room('errors'), room('store'), room('table')]),
    only('serving-imports', room('serving'), [
      room('errors'),
      room('store'),
      room('table'),
      room('learn'),
      room('tracking'),
    ]),
    only('pipeline-imports', room('pipeline'), [
      room('errors'),
      room('store'),
      room('table'),
      room('learn'),
      room('tracking'),
    ]),
    only('http-imports', room('http'), [
      room('errors'),
      room('store'),
      room('table'),
      room('learn'),
      room('tracking'),
      room('serving'),
      room('pipeline'),
    ]),
    only('infra-imports', room('infra'), [room('errors'), room('pipeline')]),
    only('data-imports-pipeline-only', '^data/', [room('pipeline')]),
    // The page reads the API's types, and the names of metrics: nothing else of the server may reach a browser.
    only('console-imports-types', '^console/', [
      '^lib/(http|tracking)/[a-z-]+\\.ts$',
      '^lib/tracking/splits/types\\.ts$',
      '^lib/pipeline/run-reports/index\\.ts$',
      '^lib/learn/metrics/names\\.ts$',
      // What reads CSV without Node.js, so that the page reads a file as the endpoint does.
      '^lib/table/csv/(text-records|loose-cell|delimiter-of-text)\\.ts$',
      // How counts are told.
      '^lib/table/counted\\.ts$',
    ]),
    only('lambdas-import-lib', '^lambdas/', ['^lib/(?!infra)']),
    {
      name: 'nothing-imports-infra',
      severity: 'error',
      from: { pathNot: '^(lib/infra|bin|test)/' },
      to: { path: room('infra') },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // AssemblyScript: compiled by asc, which knows circles of imports and no types; only *.generated.ts is imported.
    exclude: { path: '^lib/learn/[^/]+/assembly/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
};
