import { useState } from 'preact/hooks';
import { isThere } from '../../app/pages.ts';
import type { Api } from '../../lib/api.ts';
import { go } from '../../lib/router.ts';
import { Button } from '../../parts/index.ts';
import { TagDialog } from './tag-dialog.tsx';

/** How many runs a comparison takes. */
const MOST = 10;

/** What can be done with the runs that are ticked; nothing while none is. */
export function Chosen({
  api,
  ids,
  onClear,
  onTagged,
}: {
  api: Api;
  ids: readonly string[];
  onClear: () => void;
  onTagged: () => Promise<unknown>;
}) {
  const [isTagging, setTagging] = useState(false);
  if (ids.length === 0) return null;
  const why =
    ids.length < 2 ? 'choose two runs or more' : ids.length > MOST ? `at most ${MOST} runs` : undefined;
  return (
    <div class="chosen-runs" role="region" aria-label="Chosen runs">
      <strong class="figures">{ids.length} chosen</strong>
      {isThere({ view: 'compare', ids }) ? (
        <Button kind="primary" disabled={why} onClick={() => go({ view: 'compare', ids })}>
          Compare
        </Button>
      ) : null}
      <Button needs="log" onClick={() => setTagging(true)}>
        Tag
      </Button>
      <Button kind="quiet" onClick={onClear}>
        Clear
      </Button>
      {isTagging ? (
        <TagDialog api={api} runs={ids} onDone={onTagged} onClose={() => setTagging(false)} />
      ) : null}
    </div>
  );
}
