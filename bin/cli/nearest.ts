/** Levenshtein distance: how many letters to insert, delete or change. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/**
 * The known name that was probably meant; undefined where none is near: a third of its letters may differ, or two where
 * that leaves letters in common.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (!best) return undefined;
  const common = Math.min(wanted.length, best.candidate.length) - best.distance;
  const near = common > 0 && best.distance <= Math.max(2, best.candidate.length / 3);
  return near
    ? best.candidate
    : known.find((candidate) => wanted !== '' && candidate.toLowerCase().startsWith(wanted));
}
