/** How many versions back a rollback can go. */
const STACK = 50;

/**
 * The undo stack of an alias after it went from one version to another (null: to or from none). The version that it
 * then holds is never on top: who takes an alias away and gives it back undoes to what stood before both.
 */
export function pushed(stack: readonly string[], from: string | null, to: string | null): string[] {
  return withoutTop(from === null ? stack : [...stack, from], to).slice(-STACK);
}

/** The stack down to the first version that is another one than this. */
export const withoutTop = (stack: readonly string[], version: string | null): string[] =>
  stack.slice(0, stack.findLastIndex((held) => held !== version) + 1);

/** The stack without a version that is no more. The version that holds the alias is not on top then, either. */
export const withoutDeleted = (stack: readonly string[], version: string, holder: string | null): string[] =>
  withoutTop(
    stack.filter((held) => held !== version),
    holder,
  );
