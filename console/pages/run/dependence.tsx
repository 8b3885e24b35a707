import { useState } from 'preact/hooks';
import type { RunReport } from '../../../lib/pipeline/run-reports/index.ts';
import { Heatmap, LineChart } from '../../parts/index.ts';
import { Notes } from './notes.tsx';

type Report = NonNullable<RunReport['dependence']>;

/** How the average answer changes with one feature, all others as they are. */
export function Dependence({ of: { features, notes } }: { of: Report }) {
  const [name, setName] = useState(features[0]?.feature ?? '');
  const chosen = features.find(({ feature }) => feature === name) ?? features[0];
  if (chosen === undefined) return null;
  return (
    <section class="card">
      <div class="tools">
        <h2 class="in-line">Partial dependence</h2>
        <span class="space" />
        <label class="in-line" for="dependence">
          Feature
        </label>
        <select
          id="dependence"
          value={chosen.feature}
          onChange={(event) => setName(event.currentTarget.value)}
        >
          {features.map(({ feature }) => (
            <option key={feature} value={feature}>
              {feature}
            </option>
          ))}
        </select>
      </div>
      <p class="quiet">The average answer where the feature has this value in every row.</p>
      <OneFeature key={chosen.feature} of={chosen} />
      <Notes of={notes} />
    </section>
  );
}

function OneFeature({ of: { feature, kind, labels, classes, average } }: { of: Report['features'][number] }) {
  const outputs = classes.length === 0 ? ['prediction'] : classes;
  const value = (point: number, k: number) => average[point * outputs.length + k] ?? Number.NaN;
  if (kind === 'category') {
    return (
      <Heatmap
        label={`The average answer by ${feature}`}
        rows={labels.map(String)}
        columns={outputs}
        values={labels.map((_, point) => outputs.map((_, k) => value(point, k)))}
        rowsTitle={feature}
      />
    );
  }
  return (
    <LineChart
      label={`The average answer over ${feature}`}
      series={outputs.map((name, k) => ({
        name,
        points: labels.map((label, point) => [Number(label), value(point, k)] as const),
      }))}
      xLabel={feature}
    />
  );
}
