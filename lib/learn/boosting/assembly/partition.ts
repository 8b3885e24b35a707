import { ptr, Ptr } from "../../kernel/assembly/ptr";
import { bitOf, CHUNK, Job, Node } from "./job";

/** A byte a code, 1 where it goes left: one load a row decides. */
@inline export function makeTable(table: usize, node: Node): void {
  const set = changetype<usize>(node) + offsetof<Node>("set0");
  for (let c = 0; c < 256; c++) store<u8>(table + c, <u8>bitOf(set, c));
}

/** Moves the rows that go left to the front, each side in its order. Returns how many there are. */
export function partition(job: Job, node: Node, start: i32, count: i32, table: usize): i32 {
  makeTable(table, node);
  const codes = job.codes + <usize>node.feature * <usize>job.rows;
  const order = ptr<i32>(job.order + (<usize>start << 2)), spare = ptr<i32>(job.spare);
  let left = 0, right = 0;
  for (let i = 0; i < count; i++) {
    const row = order[i], goes = <i32>load<u8>(table + <usize>load<u8>(codes + row));
    spare[right] = row;
    order[left] = row;
    left += goes;
    right += 1 - goes;
  }
  memory.copy(order.at(left).address, spare.address, <usize>right << 2);
  return left;
}

/** A piece of a partition by several threads, first step: left rows to the front of its part of `spare`, right rows to its end. */
export function cut(job: Job, node: Node, start: i32, count: i32, chunk: i32, table: usize): void {
  makeTable(table, node);
  const codes = job.codes + <usize>node.feature * <usize>job.rows;
  const from = chunk * CHUNK, to = min(from + CHUNK, count);
  const order = ptr<i32>(job.order + (<usize>start << 2)), spare = ptr<i32>(job.spare);
  let left = from, right = to - 1;
  for (let i = from; i < to; i++) {
    const row = order[i], goes = <i32>load<u8>(table + <usize>load<u8>(codes + row));
    spare[goes ? left : right] = row;
    left += goes;
    right -= 1 - goes;
  }
  ptr<i32>(job.chunkCuts)[chunk] = left - from;
}

/** Second step: the piece's rows to their places, behind those of the pieces before. `lefts`: of all pieces. */
export function place(job: Job, start: i32, count: i32, chunk: i32, lefts: i32): void {
  const from = chunk * CHUNK, to = min(from + CHUNK, count), cuts = ptr<i32>(job.chunkCuts);
  let before = 0;
  for (let c = 0; c < chunk; c++) before += cuts[c];
  const order = ptr<i32>(job.order + (<usize>start << 2)), spare = ptr<i32>(job.spare), mine = cuts[chunk];
  memory.copy(order.at(before).address, spare.at(from).address, <usize>mine << 2);
  // The right ones were laid from the end, so they are backwards.
  let target = lefts + from - before;
  for (let i = to - 1; i >= from + mine; i--) order[target++] = spare[i];
}
