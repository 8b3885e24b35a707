/** What keys do in lists. Pure, so that tests need no page. */

const FORWARD = { row: ['ArrowRight'], column: ['ArrowDown', 'j'] };
const BACK = { row: ['ArrowLeft'], column: ['ArrowUp', 'k'] };
/** Rows of a page up or down. */
const PAGE = 12;

/** Where a key leads from place `at` of `count`; undefined where it leads nowhere. */
export function moved(
  key: string,
  at: number,
  count: number,
  along: 'row' | 'column' = 'column',
): number | undefined {
  if (count === 0) return undefined;
  const to = (index: number) => Math.max(0, Math.min(count - 1, index));
  if (FORWARD[along].includes(key)) return to(at + 1);
  if (BACK[along].includes(key)) return to(at - 1);
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  if (along === 'column' && key === 'PageDown') return to(at + PAGE);
  if (along === 'column' && key === 'PageUp') return to(at - PAGE);
  return undefined;
}
