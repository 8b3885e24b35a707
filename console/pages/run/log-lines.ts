import type { RunLogLine } from '../../../lib/http/run-logs.ts';

export interface LogGroup {
  title: string;
  lines: RunLogLine[];
}

/** Lines by the stage, item and attempt that wrote them, in the order they come. Pure, so that tests need no page. */
export function logGroups(lines: readonly RunLogLine[], stage: string, wanted: string): LogGroup[] {
  const attempts = new Set(lines.map(({ attempt }) => attempt));
  const part = wanted.trim().toLowerCase();
  const groups = new Map<string, RunLogLine[]>();
  for (const line of lines) {
    if (stage !== '' && line.stage !== stage) continue;
    if (part !== '' && !textOf(line).includes(part)) continue;
    const item = line.item === undefined ? '' : ` ${line.item}`;
    const title = `${line.stage}${item}${attempts.size > 1 ? `, attempt ${line.attempt}` : ''}`;
    const held = groups.get(title);
    if (held === undefined) groups.set(title, [line]);
    else held.push(line);
  }
  return [...groups].map(([title, own]) => ({ title, lines: own }));
}

const KNOWN = new Set(['stage', 'item', 'attempt', 'time', 'level', 'message', 'workspace', 'runId']);

/** What a line says beside its message. A stack stands on lines of its own. */
export function factsOf(line: RunLogLine): [string, string][] {
  return Object.entries(line)
    .filter(([name, value]) => !KNOWN.has(name) && value !== undefined && value !== null)
    .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
}

const textOf = (line: RunLogLine): string => [line.message, ...factsOf(line).flat()].join(' ').toLowerCase();
