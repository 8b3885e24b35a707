import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';

/** The rows of a long list that are in sight, and how much room those before and after them take. */
export interface Window {
  items: readonly VirtualItem[];
  before: number;
  after: number;
  /** Given to each drawn row, so that rows of any height are known by their own. */
  measure: (row: Element | null) => void;
  show: (index: number) => void;
}

const OVERSCAN = 10;

/** Which of `count` rows to draw in a scrolling element. Rows carry `data-index`. */
export function useWindow(scroller: RefObject<HTMLElement>, count: number, rowHeight: number): Window {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw(0),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, Element>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1);
  return {
    items,
    before: items[0]?.start ?? 0,
    // Before the first look at the element it takes all the room it may have: an empty one would have no height to fill.
    after: virtualizer.getTotalSize() - (last?.end ?? 0),
    measure: virtualizer.measureElement,
    show: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
  };
}
