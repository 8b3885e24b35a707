/** What must be known beside a figure: how it was bounded or what it leaves out. */
export const Notes = ({ of }: { of: readonly string[] }) =>
  of.length === 0 ? null : <p class="help">{of.join('; ')}.</p>;
