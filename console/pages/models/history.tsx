import { useState } from 'preact/hooks';
import type { AliasAudit } from '../../../lib/tracking/types.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { Button, Load, Time } from '../../parts/index.ts';
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
              {entries.map((entry) => (
                <li key={`${entry.at} ${auditText(entry)}`}>
                  <Time at={entry.at} />
                  <div>
                    <strong>{entry.actor}</strong> {auditText(entry)}
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
