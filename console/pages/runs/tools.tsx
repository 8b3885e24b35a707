import { useEffect, useRef, useState } from 'preact/hooks';
import type { PlaceOf } from '../../address.ts';
import { go } from '../../lib/router.ts';
import { isTyping } from '../../lib/typing.ts';
import { Button } from '../../parts/index.ts';
import { FilterHelp } from './filter-help.tsx';

/** What narrows the table: pipeline, filter, candidates. Each is in the address, so that a link shows the same. */
export function Tools({ place, names }: { place: PlaceOf<'runs'>; names: readonly string[] }) {
  const { pipeline = '', filter = '', all } = place;
  const [text, setText] = useState(filter);
  const [hasHelp, setHelp] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(filter), [filter]);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== '/' || isTyping(event.target) || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);
  const change = (to: Partial<PlaceOf<'runs'>>) => {
    const next = { ...place, ...to };
    const kept = Object.entries(next).filter(([, value]) => value !== undefined && value !== '');
    go(Object.fromEntries(kept) as unknown as PlaceOf<'runs'>);
  };
  const options = names.includes(pipeline) || pipeline === '' ? names : [...names, pipeline];
  return (
    <form
      class="tools"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        change({ filter: text.trim() });
      }}
    >
      <select
        aria-label="Pipeline"
        value={pipeline}
        onChange={(event) => change({ pipeline: event.currentTarget.value })}
      >
        <option value="">all pipelines</option>
        {options.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <input
        ref={input}
        class="filter"
        type="search"
        aria-label="Filter"
        placeholder="Filter: a name, or metrics.f1_weighted > 0.8   ( / )"
        spellcheck={false}
        autocapitalize="off"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          setText(filter);
          event.currentTarget.blur();
        }}
      />
      <Button type="submit">Search</Button>
      {filter === '' ? null : (
        <Button kind="quiet" onClick={() => change({ filter: '' })}>
          Clear
        </Button>
      )}
      <Button kind="quiet" onClick={() => setHelp(true)}>
        Filter help
      </Button>
      <label class="check">
        <input
          type="checkbox"
          checked={all !== undefined}
          onChange={(event) => change({ all: event.currentTarget.checked ? 'yes' : '' })}
        />
        with candidates
      </label>
      {hasHelp ? (
        <FilterHelp onTake={(taken) => change({ filter: taken })} onClose={() => setHelp(false)} />
      ) : null}
    </form>
  );
}
