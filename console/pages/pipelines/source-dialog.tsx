import { useState } from 'preact/hooks';
import type { CollectorChange, CollectorReport } from '../../../lib/http/types.ts';
import { Confirm, Field } from '../../parts/index.ts';

/** What the collector asks, how often, and how many subsets make a round: only what was changed is sent. */
export function SourceDialog({
  settings,
  onSave,
  onClose,
}: {
  settings: CollectorReport['settings'];
  onSave: (change: CollectorChange) => Promise<void>;
  onClose: () => void;
}) {
  const [url, setUrl] = useState(settings.url ?? '');
  const [every, setEvery] = useState(String(settings.every));
  const [subsets, setSubsets] = useState(String(settings.subsets));
  const [group, setGroup] = useState(String(settings.group));
  const change = changed(settings, { url, every, subsets, group });
  return (
    <Confirm
      title="Source of the collector"
      action="Save"
      needs="operate"
      disabled={Object.keys(change).length === 0}
      run={() => onSave(change)}
      onClose={onClose}
    >
      <div class="stacked">
        <Field
          label="URL"
          help="Asked with ?group_number= of the group below. Only addresses that are public are called."
        >
          <input
            type="url"
            value={url}
            maxLength={2000}
            placeholder="https://"
            spellcheck={false}
            onInput={(event: InputEvent) => setUrl(textOf(event))}
          />
        </Field>
        <Whole
          label="Seconds between two batches"
          help="How often the source has a new one."
          value={every}
          onInput={setEvery}
          min={1}
          max={86_400}
        />
        <Whole
          label="Subsets of a round"
          help="A full round starts a run; it holds from the next subset stored on."
          value={subsets}
          onInput={setSubsets}
          min={1}
          max={1000}
        />
        <Whole label="Group" value={group} onInput={setGroup} min={0} />
      </div>
    </Confirm>
  );
}

interface WholeProps {
  label: string;
  help?: string;
  value: string;
  onInput: (text: string) => void;
  min: number;
  max?: number;
}

/** A whole number of the settings, as it is typed. */
const Whole = ({ label, help, value, onInput, min, max }: WholeProps) => (
  <Field label={label} {...(help === undefined ? {} : { help })}>
    <input
      type="number"
      min={min}
      max={max}
      value={value}
      onInput={(event: InputEvent) => onInput(textOf(event))}
    />
  </Field>
);

const textOf = (event: Event): string => (event.currentTarget as HTMLInputElement).value;

/** What differs from the settings; an emptied field stays as it is. */
function changed(
  settings: CollectorReport['settings'],
  { url, ...typed }: { url: string; every: string; subsets: string; group: string },
): CollectorChange {
  const change: CollectorChange = {};
  if (url.trim() !== '' && url.trim() !== settings.url) change.url = url.trim();
  for (const name of ['every', 'subsets', 'group'] as const) {
    const text = typed[name].trim();
    if (text !== '' && Number(text) !== settings[name]) change[name] = Number(text);
  }
  return change;
}
