import type { ComponentChildren } from 'preact';
import { hashOf, type Place } from '../address.ts';
import { isThere } from '../app/pages.ts';

/** A link to a place of the console; plain text where no page shows that place. */
export function Link({
  to,
  children,
  ...rest
}: {
  to: Place;
  children: ComponentChildren;
  class?: string;
  title?: string;
}) {
  if (!isThere(to)) return <span {...rest}>{children}</span>;
  return (
    <a {...rest} href={hashOf(to)}>
      {children}
    </a>
  );
}
