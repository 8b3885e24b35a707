import { Button, Dialog } from '../../parts/index.ts';

const EXAMPLES: readonly [filter: string, meaning: string][] = [
  ['forest', 'runs whose name holds the word'],
  ['metrics.f1_weighted > 0.8', 'by a metric: > >= = != < <='],
  ["params.algorithm = 'random-forest'", 'by a parameter; values are texts, in quotes'],
  ["tags.`data.synthetic` = 'false'", 'by a tag; a name with a dot or a space stands in backticks'],
  ["attributes.status = 'FAILED'", 'RUNNING, SCHEDULED, FINISHED, FAILED or KILLED'],
  ["attributes.run_name ILIKE '%forest%'", '% stands for anything; ILIKE takes small letters for capitals'],
  ["params.algorithm IN ('linear', 'ridge')", 'one of several'],
  ['tags.team IS NOT NULL', 'whether it has a tag or a parameter at all'],
  ["metrics.rmse < 20 AND tags.team = 'a'", 'several at once; there is no OR'],
];

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
