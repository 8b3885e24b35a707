import { Component } from 'preact';

/** A component that is drawn again only for a property that is another one, or a signal of its own that moved. */
export abstract class Still<P extends object> extends Component<P> {
  override shouldComponentUpdate(next: Readonly<P>, state: unknown): boolean {
    // A signal that was read while drawing says so by a new state.
    if (state !== this.state) return true;
    const before = this.props as Record<string, unknown>;
    const after = next as Record<string, unknown>;
    for (const name in after) if (after[name] !== before[name]) return true;
    for (const name in before) if (!(name in after)) return true;
    return false;
  }
}
