import { Button, Dialog } from '../../parts/index.ts';
import { EXAMPLES } from './filter-examples.ts';

/** The grammar by examples; each can be taken over. */
export function FilterHelp({ onTake, onClose }: { onTake: (filter: string) => void; onClose: () => void }) {
  return (
    <Dialog title="Filters" onClose={onClose} wide>
      <div class="dialog-body">
        <p>
          The grammar is that of MLflow's <code>search_runs</code>, so a filter works in its client as it does
          here.
        </p>
        <ul class="examples">
          {EXAMPLES.map(([filter, meaning]) => (
            <li key={filter}>
              <Button
                kind="link"
                onClick={() => {
                  onTake(filter);
                  onClose();
                }}
              >
                <code>{filter}</code>
              </Button>
              <span class="quiet">{meaning}</span>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
