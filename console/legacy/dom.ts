/** Elements made by name, attributes and children. Text is only ever text: nothing here reads HTML. */

export type Child = Node | string | number | false | null | undefined | readonly Child[];
type Attributes = Record<string, string | number | boolean | undefined>;

/**
 * @param attributes `true` stands for the bare attribute, `false` and `undefined` for none; handlers are added by `listen`.
 * @throws Error for an attribute that would run code
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (/^(on|srcdoc$|style$)/i.test(name)) throw new Error(`no attribute ${name} here`);
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child as readonly Child[]);
    else parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export function listen<T extends EventTarget>(target: T, event: string, run: (event: Event) => void): T {
  target.addEventListener(event, run);
  return target;
}

export const button = (label: string, run: () => void, attributes: Attributes = {}): HTMLButtonElement =>
  listen(h('button', { type: 'button', ...attributes }, label), 'click', run);

/** A table whose cells carry their column's name, so that a narrow screen can show rows as cards. */
export function table(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly Child[])[],
): HTMLElement {
  return h(
    'table',
    {},
    h('caption', { class: 'unseen' }, caption),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        columns.map((name) => h('th', { scope: 'col' }, name)),
      ),
    ),
    h(
      'tbody',
      {},
      rows.map((cells) =>
        h(
          'tr',
          {},
          cells.map((cell, i) => h('td', { 'data-label': columns[i] }, h('div', {}, cell))),
        ),
      ),
    ),
  );
}

/** Names and values, for people who look one up. */
export const facts = (entries: readonly (readonly [string, Child])[]): HTMLElement =>
  h(
    'dl',
    { class: 'facts' },
    entries.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
