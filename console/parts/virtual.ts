import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';

/** The rows of a long list that are drawn, each with its place from the list's top. */
export interface Window {
  items: readonly VirtualItem[];
  /** Of all rows, in pixels. */
  height: number;
  /** Given to each drawn row where rows have heights of their own. It is the same function always. */
  measure: (row: Element | null) => void;
  show: (index: number) => void;
}

export interface WindowOptions {
  count: number;
  /** Of a row, in pixels; where rows are measured, what one is taken for until then. */
  rowHeight: number;
  /** Of what stands above the rows in the scrolling element and stays in sight. */
  head: number;
  /** A row that is drawn wherever the reader is, so that the focus is not lost with it. */
  kept: number;
}

const OVERSCAN = 10;
/** Up to so many rows all are drawn: they can be searched and printed. */
const FEW = 80;

/** Which rows to draw in a scrolling element. Rows carry `data-index`. */
export function useWindow(
  scroller: RefObject<HTMLElement>,
  { count, rowHeight, head, kept }: WindowOptions,
): Window {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: count <= FEW ? FEW : OVERSCAN,
    scrollMargin: head,
    scrollPaddingStart: head,
    rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) =>
      withKept(defaultRangeExtractor(range), kept < count ? kept : undefined),
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw(0),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, Element>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  // Rows became cards, or cards rows: what was measured holds no longer.
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);
  return {
    items: virtualizer.getVirtualItems(),
    height: virtualizer.getTotalSize(),
    measure: virtualizer.measureElement,
    show: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
  };
}

/** In order, as a reader's aid goes through them. */
function withKept(indexes: number[], kept: number | undefined): number[] {
  if (kept === undefined || indexes.includes(kept)) return indexes;
  return [...indexes, kept].sort((a, b) => a - b);
}
