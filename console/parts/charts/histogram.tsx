import { figure, percent } from '../../lib/format.ts';

export interface Bin {
  label: string;
  /** Rows, or a share of them. */
  value: number;
  /** The same bin of what it is compared with. */
  reference?: number;
}

/** Columns side by side, each with what it is compared with as an outline; both scaled to their own sum. */
export function Histogram({
  label,
  bins,
  height = 64,
}: {
  label: string;
  bins: readonly Bin[];
  height?: number;
}) {
  const sum = (pick: (bin: Bin) => number | undefined) =>
    bins.reduce((all, bin) => all + (pick(bin) ?? 0), 0) || 1;
  const [own, other] = [sum(({ value }) => value), sum(({ reference }) => reference)];
  const shares = bins.map(({ value, reference }) => [value / own, (reference ?? 0) / other] as const);
  const high = Math.max(1e-9, ...shares.flat());
  const width = 100 / Math.max(1, bins.length);
  return (
    <svg
      class="histogram"
      viewBox={`0 0 100 ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      style={{ height: `${height}px` }}
    >
      {bins.map((bin, i) => {
        const [share = 0, reference = 0] = shares[i] ?? [];
        const [tall, outline] = [(share / high) * height, (reference / high) * height];
        return (
          <g key={bin.label}>
            <title>
              {`${bin.label}: ${figure(bin.value)} (${percent(share)})`}
              {bin.reference === undefined ? '' : `, before ${percent(reference)}`}
            </title>
            <rect class="hit" x={i * width} width={width} height={height} />
            <rect
              class="own"
              x={i * width + width * 0.08}
              y={height - tall}
              width={width * 0.84}
              height={tall}
            />
            {bin.reference === undefined ? null : (
              <path
                class="reference"
                d={`M${i * width} ${height - outline}h${width}`}
                vector-effect="non-scaling-stroke"
              />
            )}
          </g>
        );
      })}
    </svg>
  );
}
