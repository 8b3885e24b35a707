import { figure, percent } from '../../lib/format.ts';

export interface HeatmapProps {
  label: string;
  rows: readonly string[];
  columns: readonly string[];
  /** By row, then column. */
  values: readonly (readonly number[])[];
  rowsTitle?: string;
  columnsTitle?: string;
}

/** Counts as a shaded table, each cell by its share of its row: a confusion matrix. */
export function Heatmap({ label, rows, columns, values, rowsTitle, columnsTitle }: HeatmapProps) {
  return (
    <div class="heatmap" role="region" aria-label={label} tabIndex={0}>
      <table>
        <caption class="unseen">{label}</caption>
        <thead>
          <tr>
            <th scope="col">
              {rowsTitle} {rowsTitle && columnsTitle ? '\\' : ''} {columnsTitle}
            </th>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((name, i) => {
            const cells = values[i] ?? [];
            const sum = cells.reduce((all, value) => all + value, 0);
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                {columns.map((column, j) => {
                  const value = cells[j] ?? 0;
                  const share = sum > 0 ? value / sum : 0;
                  return (
                    <td
                      key={column}
                      class={share > 0.55 ? 'deep' : ''}
                      style={{ '--share': `${Math.round(share * 100)}%` }}
                      title={`${name}, ${column}: ${figure(value)} (${percent(share)} of ${name})`}
                    >
                      {figure(value)}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
