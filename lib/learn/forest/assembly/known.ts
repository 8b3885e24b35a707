// A feature in which a node's rows do not differ: no rows of its descendants will either, so they need not be asked again.
// With one-hot columns and rare categories that is most features of most nodes. scikit-learn keeps such a list too.
import { Job } from './job';
import { Ptr } from '../../kernel/assembly/ptr';
import { KNOWN } from './scratch';

/** Below this depth what is found is forgotten. */
@inline const DEEPEST: i32 = 126;
/** Bitmaps in KNOWN: number d is what the children of nodes of depth d - 1 know; the last is for what is forgotten. */
@inline export const KNOWN_LEVELS: i32 = DEEPEST + 2;

@inline export function knownWords(features: i32): i32 { return (features + 63) >> 6; }

/**
 * The bitmap of a node, which begins as its parent's: a node is visited when all that its parent's other child leads to
 * is done or has not begun, so the parent's is still there.
 */
export function enterKnown(job: Job, depth: i32): Ptr<u64> {
  const words = knownWords(job.features), from = KNOWN.at(min(depth, DEEPEST) * words), own = KNOWN.at((min(depth, DEEPEST) + 1) * words);
  for (let word = 0; word < words; word++) own[word] = from[word];
  return own;
}

@inline export function isKnown(known: Ptr<u64>, feature: i32): bool { return <bool>((known[feature >> 6] >> (feature & 63)) & 1); }

@inline export function know(known: Ptr<u64>, feature: i32): void {
  known[feature >> 6] = known[feature >> 6] | (<u64>1 << (feature & 63));
}
