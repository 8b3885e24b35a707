import Table from 'cli-table3';
import { apiRoutes, makeRouter } from '../../../lib/http/index.ts';
import { decodeSegment } from '../../../lib/http/message.ts';
import type { CaseResult } from './client.ts';

/** A case that ran on both servers. */
export interface Judged {
  theirs: CaseResult;
  ours: CaseResult;
  /** Whether its claims held on Arboleda and the answers are MLflow's, but for what is documented. */
  passed: boolean;
}

const router = makeRouter(apiRoutes);

/** The row of the route table that answers `METHOD /path`; undefined where there is none. */
export function endpointOf(call: string): string | undefined {
  const [method = '', path = ''] = call.split(' ');
  try {
    const segments = path.split('/').filter(Boolean).map(decodeSegment);
    const { route } = router.match(method, segments);
    return `${route.method} ${route.path}`;
  } catch {
    return undefined;
  }
}

const HEAD = ['area', 'endpoints', 'cases', "passed on MLflow's server", 'passed on Arboleda', 's', 's'];

/** Endpoints, cases, passed on MLflow's server, passed on Arboleda, and the seconds on each: a row an area and the sum. */
export function countsTable(judged: readonly Judged[], own: readonly CaseResult[]): string {
  const table = new Table({
    head: HEAD,
    style: { head: [], border: [], compact: true },
    colAligns: HEAD.map((_, at) => (at === 0 ? 'left' : 'right')),
  });
  const row = (name: string, cases: readonly Judged[]) => [
    name,
    endpoints(cases.map(({ ours }) => ours)),
    cases.length,
    cases.filter(({ theirs }) => theirs.error === null).length,
    cases.filter(({ passed }) => passed).length,
    seconds(cases.map(({ theirs }) => theirs)),
    seconds(cases.map(({ ours }) => ours)),
  ];
  for (const area of new Set(judged.map(({ theirs }) => theirs.area))) {
    const cases = judged.filter(({ theirs }) => theirs.area === area);
    table.push(row(area, cases));
  }
  table.push(row('all', judged));
  const passed = own.filter(({ error }) => error === null).length;
  table.push(['only Arboleda has', endpoints(own), own.length, '', passed, '', seconds(own)]);
  return `\n${table.toString()}\n`;
}

const endpoints = (cases: readonly CaseResult[]): number =>
  new Set(cases.flatMap(({ calls }) => calls.map(endpointOf)).filter((found) => found !== undefined)).size;

const seconds = (cases: readonly CaseResult[]): string =>
  (cases.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000).toFixed(1);
