import { signal } from '@preact/signals';
import { hashOf, type Place, placeOf } from '../address.ts';

/** Where the page is. */
export const place = signal<Place>(placeOf(location.hash) ?? { view: 'runs' });

/** Goes to a place; `replace` leaves no entry in the history, for a filter that is being typed. */
export function go(to: Place, { replace = false } = {}): void {
  if (!replace) {
    location.hash = hashOf(to);
    return;
  }
  history.replaceState(null, '', hashOf(to));
  place.value = to;
}

/** Follows the address. A fragment that is none of ours (the link that skips to the content) changes nothing. */
export const followAddress = (): void =>
  addEventListener('hashchange', () => {
    const found = placeOf(location.hash);
    if (found !== undefined && hashOf(found) !== hashOf(place.value)) place.value = found;
  });
