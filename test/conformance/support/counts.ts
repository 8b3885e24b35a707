import Table from 'cli-table3';
import { apiRoutes, makeRouter } from '../../../lib/http/index.ts';
import { decodeSegment } from '../../../lib/http/message.ts';
import type { CaseResult } from './client.ts';

export interface Judged {
  /** On MLflow's server. */
  result: CaseResult;
  own: CaseResult;
  /** Whether Arboleda's answers are MLflow's, but for what is documented. */
  passed: boolean;
}

const router = makeRouter(apiRoutes);

/** `METHOD /the/{route}s/path`; undefined where the route table has none for it. */
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

/** Endpoints, cases, passed on MLflow's server, passed on Arboleda: a row an area and the sum. */
export function countsTable(judged: readonly Judged[]): string {
  const table = new Table({
    head: ['area', 'endpoints', 'cases', "passed on MLflow's server", 'passed on Arboleda', 'seconds'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
  });
  const row = (name: string, cases: readonly Judged[]) => [
    name,
    new Set(cases.flatMap(({ own }) => own.calls.map(endpointOf)).filter(Boolean)).size,
    cases.length,
    cases.filter(({ result }) => result.error === null).length,
    cases.filter(({ passed }) => passed).length,
    `${seconds(cases, 'result')} / ${seconds(cases, 'own')}`,
  ];
  for (const area of new Set(judged.map(({ result }) => result.area)))
    table.push(
      row(
        area,
        judged.filter(({ result }) => result.area === area),
      ),
    );
  table.push(row('all', judged));
  return `\n${table.toString()}\n`;
}

/** On MLflow's server, on Arboleda. */
const seconds = (cases: readonly Judged[], side: 'result' | 'own'): string =>
  (cases.reduce((sum, one) => sum + one[side].milliseconds, 0) / 1000).toFixed(1);
