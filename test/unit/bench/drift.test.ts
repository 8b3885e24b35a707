import { describe, expect, it } from 'vitest';
import { alarms, type Shift } from '../../../bench/drift/simulate.ts';

/** A smaller run of bench/drift: seeded, so that the counts are the same each time. */
const SIMULATIONS = 60;
const count = (shift: Shift, rows: number) =>
  alarms({ shift, rows, training: 1000, features: 6 }, SIMULATIONS, 5);

describe('alarms', () => {
  it('are hardly ever raised where nothing drifted, and never on 50 rows', () => {
    expect(count({ kind: 'none' }, 300)).toBeLessThanOrEqual(1);
    expect(count({ kind: 'none' }, 50)).toBe(0);
    expect(count({ kind: 'mean', by: 3 }, 50)).toBe(0);
  });

  it.each<[Shift, number]>([
    [{ kind: 'mean', by: 0.6 }, 0.95],
    [{ kind: 'spread', by: 2 }, 0.95],
    [{ kind: 'share', by: 0.2 }, 0.95],
    [{ kind: 'missing', by: 0.15 }, 0.95],
    [{ kind: 'new', by: 0.05 }, 0.95],
  ])('are raised where %o was planted', (shift, share) => {
    expect(count(shift, 300)).toBeGreaterThanOrEqual(share * SIMULATIONS);
  });

  it('are not raised for a shift too small to matter, however many rows show it', () => {
    expect(count({ kind: 'mean', by: 0.1 }, 3000)).toBe(0);
  });
});
