import type { ItemStore, Key } from '../../../lib/store/ports.ts';

/** The store, but that something else happens once right after the first read of this item. */
export function afterReadOf(items: ItemStore, { pk, sk }: Key, happen: () => Promise<unknown>): ItemStore {
  let left = 1;
  return new Proxy(items, {
    get(target, name) {
      if (name !== 'get') {
        const member = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      }
      return async (...[at, options]: Parameters<ItemStore['get']>) => {
        const found = await target.get(at, options);
        if (at.pk === pk && at.sk === sk && left-- > 0) await happen();
        return found;
      };
    },
  });
}
