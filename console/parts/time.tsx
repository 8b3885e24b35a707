import { ago } from '../lib/format.ts';
import { now } from '../lib/now.ts';

/** How long ago; the exact time in its title. Moves by itself. */
export function Time({ at }: { at: string | number }) {
  const iso = typeof at === 'number' ? new Date(at).toISOString() : at;
  return (
    <time dateTime={iso} title={iso}>
      {ago(iso, now.value)}
    </time>
  );
}
