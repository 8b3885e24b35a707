import type { RunReport } from '../../../lib/pipeline/run-reports/index.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { figure, isOpen, percent } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { Bars, type Column, Empty, Heatmap, Load, Table } from '../../parts/index.ts';
import { Dependence } from './dependence.tsx';
import { largestClasses } from './evaluation-data.ts';
import { Notes } from './notes.tsx';
import { Residuals } from './residuals.tsx';
import type { Detail } from './types.ts';

/** Bars that are drawn of a ranking. */
const MOST_FEATURES = 20;
/** Classes that a matrix shows one by one. */
const MOST_CLASSES = 25;

/** What the evaluation found: by class or by residual, and why the model answers as it does. */
export function Evaluation({ run }: { run: Detail }) {
  const api = useApi();
  const report = useLoad(
    (signal) => api.get<RunReport>(path`/runs/${run.runId}/report`, {}, signal),
    [api, run.runId, run.status],
  );
  return (
    <Load of={report}>
      {({ evaluation, importance, shap, dependence }) =>
        evaluation === undefined ? (
          <Empty title={isOpen(run) ? 'Not evaluated yet' : 'Nothing was evaluated in this run'}>
            The stage <code>evaluate</code> writes this report.
          </Empty>
        ) : (
          <div class="stack">
            <p class="quiet">On {evaluation.rows.toLocaleString('en')} test rows, which no model has seen.</p>
            <Classes of={evaluation} />
            {evaluation.residuals === undefined ? null : (
              <section class="card">
                <h2>Residuals</h2>
                <Residuals of={evaluation.residuals} />
              </section>
            )}
            <div class="two-columns">
              {importance === undefined ? null : (
                <section class="card">
                  <h2>Permutation importance</h2>
                  <p class="quiet">
                    How much worse {importance.metric} gets where the feature's values are shuffled.
                  </p>
                  <Bars
                    label="Permutation importance"
                    items={importance.features.slice(0, MOST_FEATURES).map(({ feature, mean, std }) => ({
                      name: feature,
                      value: mean,
                      text: (
                        <span title={`standard deviation ${figure(std)} over the repeats`}>
                          {figure(mean)}
                        </span>
                      ),
                    }))}
                  />
                  <Notes of={importance.notes} />
                </section>
              )}
              {shap === undefined ? null : <Shap of={shap} />}
            </div>
            {dependence === undefined || dependence.features.length === 0 ? null : (
              <Dependence of={dependence} />
            )}
          </div>
        )
      }
    </Load>
  );
}

type Class = NonNullable<NonNullable<RunReport['evaluation']>['perClass']>[number];

const CLASS_COLUMNS: Column<Class>[] = [
  { id: 'name', title: 'Class', cell: ({ name }) => name },
  ...(['precision', 'recall', 'f1'] as const).map(
    (id): Column<Class> => ({ id, title: id, numeric: true, cell: (one) => one[id].toFixed(3) }),
  ),
  { id: 'support', title: 'rows', numeric: true, cell: ({ support }) => support.toLocaleString('en') },
];

function Classes({ of }: { of: NonNullable<RunReport['evaluation']> }) {
  const { classes, confusion, perClass } = of;
  if (classes === undefined || confusion === undefined) return null;
  const shown = largestClasses(confusion, MOST_CLASSES);
  const names = shown.map((k) => classes[k] ?? '');
  const hidden = classes.length - shown.length;
  return (
    <div class="two-columns">
      <section class="card">
        <h2>Confusion matrix</h2>
        <Heatmap
          label="Confusion matrix: rows of each true class by what they were predicted to be"
          rows={names}
          columns={names}
          values={shown.map((t) => shown.map((p) => confusion[t]?.[p] ?? 0))}
          rowsTitle="true"
          columnsTitle="predicted"
        />
        {hidden > 0 ? <p class="help">{hidden} smaller classes are not shown.</p> : null}
      </section>
      {perClass === undefined ? null : (
        <section class="card">
          <h2>By class</h2>
          <Table
            caption="Precision, recall and F1 of each class"
            columns={CLASS_COLUMNS}
            rows={perClass}
            rowKey={({ name }) => name}
          />
        </section>
      )}
    </div>
  );
}

const SCORES = { probability: 'probability', margin: 'margin', value: 'prediction' } as const;

function Shap({ of: { features, score, notes, classes, base } }: { of: NonNullable<RunReport['shap']> }) {
  const top = features.slice(0, MOST_FEATURES);
  return (
    <section class="card">
      <h2>SHAP values</h2>
      <p class="quiet">How far a feature moves the {SCORES[score]} of a row, on average.</p>
      <Bars
        label="Mean size of SHAP values"
        items={top.map(({ feature, mean }) => ({ name: feature, value: mean }))}
      />
      {classes.length > 2 ? (
        <details class="more">
          <summary>By class</summary>
          <Heatmap
            label="Mean size of SHAP values by feature and class"
            rows={top.map(({ feature }) => feature)}
            columns={classes}
            values={top.map(({ perOutput }) => perOutput)}
          />
        </details>
      ) : null}
      <p class="help">
        Measured from the average answer:{' '}
        {base.map((value, k) => baseText(value, classes[k], score)).join(', ')}.
      </p>
      <Notes of={notes} />
    </section>
  );
}

const baseText = (value: number, name: string | undefined, score: keyof typeof SCORES): string => {
  const text = score === 'probability' ? percent(value) : figure(value);
  return name === undefined ? text : `${name} ${text}`;
};
