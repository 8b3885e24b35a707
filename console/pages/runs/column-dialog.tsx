import { useState } from 'preact/hooks';
import { Button, Dialog, SearchInput } from '../../parts/index.ts';
import { FACTS } from './choice.ts';

const TITLES = { facts: 'Of every run', metrics: 'Metrics', params: 'Parameters', tags: 'Tags' } as const;

/** Chooses the columns; what is ticked shows at once, in the order of ticking. */
export function ColumnDialog({
  there,
  chosen,
  onChoose,
  onClose,
}: {
  there: Record<'metrics' | 'params' | 'tags', string[]>;
  chosen: readonly string[];
  /** Undefined: the usual ones again. */
  onChoose: (ids: string[] | undefined) => void;
  onClose: () => void;
}) {
  const [looked, setLooked] = useState('');
  const on = new Set(chosen);
  const groups = [
    ['facts', Object.entries(FACTS)] as const,
    ...(['metrics', 'params', 'tags'] as const).map(
      (group) => [group, there[group].map((name): [string, string] => [`${group}.${name}`, name])] as const,
    ),
  ];
  const toggle = (id: string, isOn: boolean) =>
    onChoose(isOn ? [...chosen, id] : chosen.filter((one) => one !== id));
  const move = (id: string, by: number) => {
    const at = chosen.indexOf(id);
    const next = chosen.toSpliced(at, 1).toSpliced(at + by, 0, id);
    onChoose(next);
  };
  return (
    <Dialog title="Columns" onClose={onClose} wide>
      <div class="dialog-body column-dialog">
        <SearchInput label="Find a column" value={looked} onChange={setLooked} />
        <section>
          <h3>Shown, in this order</h3>
          <ol class="chosen-columns">
            {chosen.map((id, i) => (
              <li key={id}>
                <span>{nameOf(id)}</span>
                <Button
                  kind="quiet"
                  disabled={i === 0}
                  aria-label={`Move ${nameOf(id)} left`}
                  onClick={() => move(id, -1)}
                >
                  ←
                </Button>
                <Button
                  kind="quiet"
                  disabled={i === chosen.length - 1}
                  aria-label={`Move ${nameOf(id)} right`}
                  onClick={() => move(id, 1)}
                >
                  →
                </Button>
              </li>
            ))}
          </ol>
        </section>
        {groups.map(([group, all]) => {
          const found = all.filter(([, name]) => name.toLowerCase().includes(looked.toLowerCase()));
          if (found.length === 0) return null;
          return (
            <fieldset key={group}>
              <legend>{TITLES[group]}</legend>
              {found.map(([id, name]) => (
                <label key={id}>
                  <input
                    type="checkbox"
                    checked={on.has(id)}
                    disabled={on.has(id) && on.size === 1}
                    onChange={(event) => toggle(id, event.currentTarget.checked)}
                  />
                  {name}
                </label>
              ))}
            </fieldset>
          );
        })}
      </div>
      <div class="dialog-actions">
        <Button onClick={() => onChoose(undefined)}>The usual columns</Button>
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}

const nameOf = (id: string): string =>
  id in FACTS ? FACTS[id as keyof typeof FACTS] : id.slice(id.indexOf('.') + 1);
