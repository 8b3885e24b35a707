import { figure } from '../../lib/format.ts';
import { comparable, isOfTest, type MetricDifference, metricDifferences, verdictOf } from './difference.ts';

const MARK = { better: '▲ better', worse: '▼ worse', same: '= same', unknown: '' } as const;

export interface Side {
  version: string;
  metrics: Record<string, number>;
}

/** What a promotion changes: the metrics of both versions side by side, and a sentence that sums them up. */
export function MetricChange({ before, after }: { before: Side | undefined; after: Side }) {
  const differences = metricDifferences(before?.metrics, after.metrics);
  const [first] = comparable(differences);
  const ofTest = first === undefined || isOfTest(first.name);
  const own = differences.filter(({ name }) => isOfTest(name) === ofTest);
  const others = differences.filter(({ name }) => isOfTest(name) !== ofTest);
  const { text, tone } = verdictOf(differences);
  return (
    <>
      <p class={`verdict ${tone}`}>
        {before === undefined
          ? 'No version is in production yet, so there is nothing to compare with.'
          : text}
      </p>
      {differences.length === 0 ? (
        <p class="quiet">Neither version has metrics.</p>
      ) : (
        <Differences rows={own.length > 0 ? own : others} before={before?.version} after={after.version} />
      )}
      {own.length > 0 && others.length > 0 ? (
        <details>
          <summary>
            {others.length} more, of {ofTest ? 'validation rows and folds' : 'test rows'}
          </summary>
          <Differences rows={others} before={before?.version} after={after.version} />
        </details>
      ) : null}
    </>
  );
}

function Differences({
  rows,
  before,
  after,
}: {
  rows: readonly MetricDifference[];
  before: string | undefined;
  after: string;
}) {
  const shown = (value: number | undefined) => (value === undefined ? '–' : figure(value));
  return (
    <table class="difference">
      <caption class="unseen">Metrics of both versions</caption>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          {before === undefined ? null : <th scope="col">Version {before}</th>}
          <th scope="col">Version {after}</th>
          {before === undefined ? null : <th scope="col">Difference</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, before: was, after: is, change, verdict }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {before === undefined ? null : <td>{shown(was)}</td>}
            <td>{shown(is)}</td>
            {before === undefined ? null : (
              <td class={verdict}>
                {change === undefined ? '–' : `${change > 0 ? '+' : ''}${figure(change)}`}
                <span class="mark">{MARK[verdict]}</span>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
