import type { CollectorReport } from '../../lib/http/types.ts';
import { counted, grouped } from '../../lib/table/counted.ts';
import { table } from './output.ts';

/** A collector for people: what it asks, the open round, what its polls came to, the rounds before. */
export function collectorText({ settings, open, exhausted, counts, rounds }: CollectorReport): string {
  const { url, every, subsets, group, state } = settings;
  const outcomes = Object.entries(counts.outcomes).sort(([, a], [, b]) => b - a);
  const lines = [
    `source  ${url === undefined ? 'none: set one by --url' : `${url} (group ${group}, a batch each ${every} s, ${state})`}`,
    `round   ${open.round}: ${open.stored} of ${counted(subsets, 'subset')}, ${counted(open.rows, 'row')}`,
    `polls   ${grouped(counts.polls)}${outcomes.length > 0 ? `: ${outcomes.map(([name, n]) => `${grouped(n)} ${name}`).join(', ')}` : ''}`,
    ...(counts.last
      ? [
          `last    ${counts.last.outcome} at ${counts.last.at}${counts.last.detail ? `: ${counts.last.detail}` : ''}`,
        ]
      : []),
    ...(exhausted && counts.polls > 0
      ? ['the source has no more data; its next batch begins another pass']
      : []),
  ];
  if (rounds.length === 0) return `${lines.join('\n')}\n`;
  const body = rounds.map((one) => [
    one.round,
    one.state,
    one.subsets,
    one.rows,
    one.closedAt,
    one.runId ?? one.reason,
  ]);
  return `${lines.join('\n')}\n${table(['round', 'state', 'subsets', 'rows', 'ended', 'run'], body)}`;
}
