// Categories are ordered by the share of a class among their rows. For two classes that finds the best split (Fisher 1958);
// for more each of the node's two heaviest classes gives an order. More orders fit noise: no better on held-out rows.
import { Job } from './job';
import { NODE } from './scratch';

let first: i32, second: i32, found: i32;

/** At a new node the heaviest classes are not known until a categorical feature asks. */
@inline export function forgetHeaviest(): void { found = 0; }

/** Orders that the node at hand tries. */
export function orders(job: Job): i32 {
  if (!found) findHeaviest(job);
  return found;
}

/** The class that order number `turn` goes by. */
@inline export function heaviest(turn: i32): i32 { return turn == 0 ? first : second; }

/** Finds the heaviest classes in NODE, of equal ones the first. */
function findHeaviest(job: Job): void {
  const classes = job.classes, node = NODE;
  let met = 0;
  first = second = -1;
  for (let c = 0; c < classes; c++) {
    const count = node[c];
    if (!count) continue;
    met++;
    if (first < 0 || count > node[first]) {
      second = first;
      first = c;
    } else if (second < 0 || count > node[second]) second = c;
  }
  found = met > 2 ? 2 : 1;
}
