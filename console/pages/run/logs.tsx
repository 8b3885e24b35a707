import { useState } from 'preact/hooks';
import type { RunLogLine } from '../../../lib/http/run-logs.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { cx } from '../../lib/class.ts';
import { isOpen } from '../../lib/format.ts';
import { useLive } from '../../lib/load.ts';
import { Empty, Load, SearchInput } from '../../parts/index.ts';
import { factsOf, logGroups } from './log-lines.ts';
import type { Detail } from './types.ts';

interface Logs {
  lines: RunLogLine[];
  truncated: boolean;
}

/** What the stages wrote, by stage. A stage's log is stored as it ends. */
export function Logs({ run }: { run: Detail }) {
  const api = useApi();
  const [stage, setStage] = useState('');
  const [wanted, setWanted] = useState('');
  const logs = useLive(
    (signal) => api.get<Logs>(path`/runs/${run.runId}/logs`, {}, signal),
    [api, run.runId, run.status],
    () => isOpen(run),
  );
  return (
    <Load of={logs}>
      {({ lines, truncated }) => {
        if (lines.length === 0) {
          return <Empty title="Nothing was logged yet">A stage's log is stored when it ends.</Empty>;
        }
        const stages = [...new Set(lines.map((line) => line.stage))];
        const groups = logGroups(lines, stage, wanted);
        return (
          <>
            <div class="tools">
              <select
                aria-label="Stage"
                value={stage}
                onChange={(event) => setStage(event.currentTarget.value)}
              >
                <option value="">all stages</option>
                {stages.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
              <SearchInput label="Lines that contain" value={wanted} onChange={setWanted} />
              {truncated ? (
                <span class="quiet">The oldest lines are not shown: there are too many.</span>
              ) : null}
            </div>
            {groups.length === 0 ? <Empty title="No line contains that" /> : null}
            {groups.map(({ title, lines: own }) => (
              <section key={title} class="log">
                <h2>{title}</h2>
                <ol>
                  {own.map((line, i) => (
                    <li key={i} class={cx('log-line', isBad(line) && 'bad')}>
                      <time dateTime={line.time} title={line.time}>
                        {line.time?.slice(11, 19)}
                      </time>
                      <span class="level">{line.level}</span>
                      <span class="message">
                        {line.message}
                        {factsOf(line).map(([name, value]) => (
                          <span key={name} class="quiet">
                            {' '}
                            {name}={value}
                          </span>
                        ))}
                      </span>
                    </li>
                  ))}
                </ol>
              </section>
            ))}
          </>
        );
      }}
    </Load>
  );
}

const isBad = ({ level }: RunLogLine): boolean => level === 'error' || level === 'fatal';
