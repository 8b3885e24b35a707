import { FRAME, STACK } from './scratch';

/** A node that waits: its rows are entries `start` to `end - 1`. 64 bytes. */
@unmanaged export class Frame {
  start: i32;
  end: i32;
  node: i32;
  depth: i32;
  /** Regression: (weight, weighted sum). Up to eight classes: 32-bit counts, 16 bytes more. */
  weight: f64;
  sum: f64;
  more: f64;
  evenMore: f64;
  /** Number of the node's histogram, or -1. */
  histogram: i32;
}

let top: usize;
export function clearStack(): void { top = STACK; }
@inline export function mark(): usize { return top; }

export function push(start: i32, end: i32, node: i32, depth: i32): Frame {
  const frame = changetype<Frame>(top);
  frame.start = start;
  frame.end = end;
  frame.node = node;
  frame.depth = depth;
  frame.histogram = -1;
  top += FRAME;
  return frame;
}

/** The newest frame above `floor`, or null. What it holds lasts until the next push. */
@inline export function pop(floor: usize): Frame | null {
  if (top == floor) return null;
  top -= FRAME;
  return changetype<Frame>(top);
}
