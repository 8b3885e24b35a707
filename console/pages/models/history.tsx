import { useState } from 'preact/hooks';
import type { AliasAudit } from '../../../lib/tracking/types.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { Button, Link, Load, Time } from '../../parts/index.ts';
import { auditText } from './audit.ts';

interface Page {
  audit: AliasAudit[];
  cursor?: string;
}

/** Who changed what of a model, when and why, newest first. Read again when `revision` changes. */
export function History({ name, revision }: { name: string; revision: number }) {
  const api = useApi();
  const read = (cursor?: string, signal?: AbortSignal) =>
    api.get<Page>(path`/models/${name}/audit`, { limit: 20, cursor }, signal);
  const [older, setOlder] = useState<Page>();
  const first = useLoad(
    async (signal) => {
      setOlder(undefined);
      return read(undefined, signal);
    },
    [name, revision],
  );
  return (
    <Load of={first}>
      {(page) => {
        const last = older ?? page;
        const entries = [...page.audit, ...(older?.audit ?? [])];
        const more = async () => {
          const next = await read(last.cursor);
          setOlder({ ...next, audit: [...(older?.audit ?? []), ...next.audit] });
        };
        if (entries.length === 0) return <p class="quiet">Nothing was changed yet.</p>;
        return (
          <>
            <ol class="history">
              {entries.map((entry, i) => (
                <li key={`${entry.at} ${entries.length - i}`}>
                  <Time at={entry.at} />
                  <div>
                    <Actor name={entry.actor} /> {auditText(entry)}
                    <div class="quiet">{entry.reason}</div>
                  </div>
                </li>
              ))}
            </ol>
            {last.cursor === undefined ? null : <Button onClick={more}>Older</Button>}
          </>
        );
      }}
    </Load>
  );
}

/** A person's token by its name; a run of a pipeline leads to it. */
function Actor({ name }: { name: string }) {
  const run = /^run ([0-9a-f]{32})$/.exec(name)?.[1];
  if (run === undefined) return <strong>{name}</strong>;
  return (
    <strong>
      <Link to={{ view: 'run', id: run }}>run {run.slice(0, 8)}</Link>
    </strong>
  );
}
