import { BITMAP, ORDER, RATIOS } from './scratch';

@inline export function clearBitmap(): void {
  v128.store(BITMAP.address, i64x2.splat(0));
  v128.store(BITMAP.address, i64x2.splat(0), 16);
}

@inline export function markBin(bin: u32): void { markBinOf(BITMAP.address, bin); }

@inline export function markBinOf(bitmap: usize, bin: u32): void {
  const at = bitmap + (<usize>(bin >> 6) << 3);
  store<u64>(at, load<u64>(at) | (<u64>1 << (bin & 63)));
}

/** All bins up to `last` as if they had been met: what no row has is left out by whoever scans. */
export function markAll(last: i32): void {
  clearBitmap();
  for (let word = 0; word < last >> 6; word++) BITMAP[word] = ~<u64>0;
  BITMAP[last >> 6] = ~<u64>0 >> (63 - (last & 63));
}

/** Writes the marked bins to ORDER, ascending; returns how many. */
export function marked(): i32 {
  const bitmap = BITMAP, order = ORDER;
  let count = 0;
  for (let word = 0; word < 4; word++) {
    for (let left = bitmap[word]; left; left &= left - 1) order[count++] = <u8>(word * 64 + <i32>ctz(left));
  }
  return count;
}

/** Sorts `count` bins of ORDER by their RATIOS, of equal ones by the bin: a shell sort, as there may be 255. */
export function sortByRatio(count: i32): void {
  const order = ORDER, ratios = RATIOS;
  for (let gap = count > 57 ? 57 : count > 10 ? 10 : 1; gap; gap = gap == 57 ? 23 : gap == 23 ? 10 : gap == 10 ? 4 : gap == 4 ? 1 : 0) {
    for (let i = gap; i < count; i++) {
      const bin = order[i], ratio = ratios[bin];
      let at = i;
      for (; at >= gap; at -= gap) {
        const other = order[at - gap], otherRatio = ratios[other];
        if (otherRatio < ratio || (otherRatio == ratio && other < bin)) break;
        order[at] = other;
      }
      order[at] = bin;
    }
  }
}

/** Moves the last of `count` bins of ORDER to the front: what is missing goes left with the first. */
export function lastToFront(count: i32): void {
  const last = ORDER[count - 1];
  for (let i = count - 1; i > 0; i--) ORDER[i] = ORDER[i - 1];
  ORDER[0] = last;
}
