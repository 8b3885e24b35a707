import type { RunReport } from '../../../lib/pipeline/run-reports/index.ts';
import { figure } from '../../lib/format.ts';
import { Histogram } from '../../parts/index.ts';
import { residualBins, scatterOf } from './evaluation-data.ts';

const WIDTH = 600;
const HEIGHT = 280;

/** Errors over predictions, and how they are spread. */
export function Residuals({ of }: { of: NonNullable<NonNullable<RunReport['evaluation']>['residuals']> }) {
  const { points, x, y } = scatterOf(of.actual, of.predicted);
  const [left, right] = x;
  const [bottom, top] = y;
  const at = (point: { x: number; y: number }) => [
    ((point.x - left) / (right - left)) * WIDTH,
    HEIGHT - ((point.y - bottom) / (top - bottom)) * HEIGHT,
  ];
  // One path in place of thousands of circles: a round cap makes a dot of a line of no length.
  const dots = points
    .map(
      (point) =>
        `M${at(point)
          .map((value) => value.toFixed(1))
          .join(' ')}h0`,
    )
    .join('');
  const sampled = points.length < of.of ? `${points.length} of ${of.of} rows` : `${of.of} rows`;
  return (
    <>
      <div class="scatter">
        <span class="scatter-top numeric">{figure(top)}</span>
        <span class="scatter-bottom numeric">{figure(bottom)}</span>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`Actual less predicted over predicted, ${sampled}; errors from ${figure(bottom)} to ${figure(top)}`}
        >
          <path class="zero" d={`M0 ${HEIGHT / 2}H${WIDTH}`} vector-effect="non-scaling-stroke" />
          <path
            class={points.length > 800 ? 'dots many' : 'dots'}
            d={dots}
            vector-effect="non-scaling-stroke"
          />
        </svg>
        <span class="scatter-left numeric">{figure(left)}</span>
        <span class="scatter-middle quiet">predicted ({sampled})</span>
        <span class="scatter-right numeric">{figure(right)}</span>
      </div>
      <h3>Actual less predicted</h3>
      <Histogram label="How the errors are spread" bins={residualBins(points, top)} height={72} />
      <div class="ends numeric quiet">
        <span>{figure(bottom)}</span>
        <span>0</span>
        <span>{figure(top)}</span>
      </div>
    </>
  );
}
