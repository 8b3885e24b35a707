import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Permission } from '../../lib/http/permissions.ts';
import { lacking } from '../app/session.ts';
import { cx } from '../lib/class.ts';
import { toastError } from './toast.tsx';

export interface ButtonProps {
  children: ComponentChildren;
  /** A promise keeps the button busy until it settles; what it rejects with is shown as a toast. */
  onClick?: () => unknown;
  /** What it does to the server: who may not sees it disabled, with the reason in its text. */
  needs?: Permission;
  kind?: 'primary' | 'danger' | 'link' | 'quiet';
  type?: 'button' | 'submit';
  /** Its word while it works. */
  busyText?: string;
  /** Works already, begun elsewhere (a form's submit). */
  busy?: boolean;
  /** A text says why: it becomes the title. */
  disabled?: boolean | string | undefined;
  title?: string;
  class?: string;
  'aria-label'?: string;
  'aria-pressed'?: boolean;
  'aria-expanded'?: boolean;
}

/** A button that is never dead: it says that it works, or why it may not. */
export function Button({
  onClick,
  needs,
  kind,
  busyText,
  disabled,
  children,
  type = 'button',
  ...rest
}: ButtonProps) {
  const [own, setOwn] = useState(false);
  const busy = own || rest.busy === true;
  const reason = needs === undefined ? undefined : lacking(needs);
  const why = reason ?? (typeof disabled === 'string' ? disabled : undefined);
  const click = async () => {
    const result = onClick?.();
    if (!(result instanceof Promise)) return;
    setOwn(true);
    try {
      await result;
    } catch (error) {
      toastError(error);
    } finally {
      setOwn(false);
    }
  };
  const attributes: JSX.ButtonHTMLAttributes<HTMLButtonElement> = {
    type,
    class: cx('button', kind, busy && 'busy', rest.class),
    disabled: busy || why !== undefined || disabled === true,
    title: why ?? rest.title,
    'aria-busy': busy,
    'aria-label': rest['aria-label'],
    'aria-pressed': rest['aria-pressed'],
    'aria-expanded': rest['aria-expanded'],
    onClick: onClick === undefined ? undefined : () => void click(),
  };
  return (
    <button {...attributes}>
      {busy && busyText !== undefined ? busyText : children}
      {reason === undefined ? null : <small class="needs">{reason}</small>}
    </button>
  );
}
