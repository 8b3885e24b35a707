import { below } from '../../kernel/assembly/rng';
import { Job } from './job';
import { FEATURES } from './scratch';

// Which features a node tries, in turn. Where all are tried one draw says with which to begin, as equal splits go to the first.
let offset: i32;

export function startFeatures(job: Job): void {
  for (let f = 0; f < job.features; f++) FEATURES[f] = f;
}

@inline export function startDraws(job: Job): void {
  if (job.tried == job.features) offset = <i32>below(job.features);
}

/** The node's feature number `turn`. Draws go on from the order that the nodes before left. */
@inline export function drawFeature(job: Job, turn: i32): i32 {
  if (job.tried == job.features) {
    const f = turn + offset;
    return f < job.features ? f : f - job.features;
  }
  const at = turn + <i32>below(job.features - turn), f = FEATURES[at];
  FEATURES[at] = FEATURES[turn];
  FEATURES[turn] = f;
  return f;
}
