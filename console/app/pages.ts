import type { ComponentType } from 'preact';
import type { Permission } from '../../lib/http/permissions.ts';
import type { Place, PlaceOf, View } from '../address.ts';

/** One page: which view it shows, and what its component is given, the view's place. */
export interface Page<V extends View = View> {
  view: V;
  /** In the tab's title and the heading that a screen reader is led to. */
  title: (place: PlaceOf<V>) => string;
  /** What its reader must be allowed to do; who lacks it sees the no-permission state. Default `read`. */
  needs?: Permission;
  component: ComponentType<{ place: PlaceOf<V> }>;
  /** Its word in the navigation; absent: it is reached from another page. */
  nav?: string;
}

/** Forgets which view a page is for, so that pages of all views stand in one list. */
export const page = <V extends View>(one: Page<V>): Page => one as unknown as Page;

const known = new Map<View, Page>();

/** Takes the pages that there are; called once, before anything is drawn. */
export function registerPages(pages: readonly Page[]): void {
  for (const one of pages) known.set(one.view, one);
}

export const pageOf = (view: View): Page | undefined => known.get(view);

/** In the order in which they were registered. */
export const pagesInNav = (): Page[] => [...known.values()].filter(({ nav }) => nav !== undefined);

/** Whether a link there leads anywhere. */
export const isThere = ({ view }: Place): boolean => known.has(view);
