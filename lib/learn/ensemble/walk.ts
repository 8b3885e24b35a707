import type { Ensemble } from './ensemble.ts';
import type { SlotBuffer } from './slots.ts';
import { hasCategories } from './slots.ts';
import { thresholdsOf } from './views.ts';

/** Takes one row down every tree: writes the leaf of tree t, as a place in `nodes`, to `leaves[t]`. */
export type Walk = (leaves: Uint32Array) => void;

/**
 * A walk of the row whose slots are first in the buffer. Four trees are walked together, so that their loads do not
 * wait for one another: four times as fast as one after the other. The loops are written twice, with the step inside,
 * because a step that is passed in is not inlined once two kinds have been.
 */
export function walkOf(ensemble: Ensemble, slots: SlotBuffer): Walk {
  return hasCategories(ensemble) ? walkAny(ensemble, slots) : walkNumbers(ensemble, slots);
}

function walkNumbers(ensemble: Ensemble, { numbers }: SlotBuffer): Walk {
  const { roots, nodes, slotBits } = ensemble;
  const thresholds = thresholdsOf(ensemble);
  const mask = 2 ** slotBits - 1;
  const last = roots.length - 2;
  const step = (root: number, node: number): number => {
    const at = (root + node) << 1;
    const second = nodes[at + 1]!;
    // Number(), not a condition: a branch would be guessed wrong every other time. A leaf steps onto itself.
    return (second >>> slotBits) + Number(numbers[second & mask]! > thresholds[at]!);
  };
  return (leaves) => {
    for (let t = 0; t <= last; t += 4) {
      const tb = Math.min(t + 1, last);
      const tc = Math.min(t + 2, last);
      const td = Math.min(t + 3, last);
      const ra = roots[t]!;
      const rb = roots[tb]!;
      const rc = roots[tc]!;
      const rd = roots[td]!;
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (;;) {
        const a1 = step(ra, a);
        const b1 = step(rb, b);
        const c1 = step(rc, c);
        const d1 = step(rd, d);
        const moved = (a ^ a1) | (b ^ b1) | (c ^ c1) | (d ^ d1);
        if (moved === 0) break;
        a = a1;
        b = b1;
        c = c1;
        d = d1;
      }
      leaves[t] = ra + a;
      leaves[tb] = rb + b;
      leaves[tc] = rc + c;
      leaves[td] = rd + d;
    }
  };
}

function walkAny(ensemble: Ensemble, { numbers, codes }: SlotBuffer): Walk {
  const { roots, nodes, slotBits, sets, featureCount } = ensemble;
  const thresholds = thresholdsOf(ensemble);
  const mask = 2 ** slotBits - 1;
  const last = roots.length - 2;
  const numeric = 2 * featureCount;
  const step = (root: number, node: number): number => {
    const at = (root + node) << 1;
    const second = nodes[at + 1]!;
    const slot = second & mask;
    if (slot < numeric) return (second >>> slotBits) + Number(numbers[slot]! > thresholds[at]!);
    const code = codes[slot]!;
    return (second >>> slotBits) + ((~sets[(nodes[at]! << 3) + (code >>> 5)]! >>> (code & 31)) & 1);
  };
  return (leaves) => {
    for (let t = 0; t <= last; t += 4) {
      const tb = Math.min(t + 1, last);
      const tc = Math.min(t + 2, last);
      const td = Math.min(t + 3, last);
      const ra = roots[t]!;
      const rb = roots[tb]!;
      const rc = roots[tc]!;
      const rd = roots[td]!;
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (;;) {
        const a1 = step(ra, a);
        const b1 = step(rb, b);
        const c1 = step(rc, c);
        const d1 = step(rd, d);
        const moved = (a ^ a1) | (b ^ b1) | (c ^ c1) | (d ^ d1);
        if (moved === 0) break;
        a = a1;
        b = b1;
        c = c1;
        d = d1;
      }
      leaves[t] = ra + a;
      leaves[tb] = rb + b;
      leaves[tc] = rc + c;
      leaves[td] = rd + d;
    }
  };
}
