import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Permission } from '../../lib/http/permissions.ts';
import { Button } from './button.tsx';
import { ErrorBox } from './states.tsx';

/** A modal dialog while it is drawn: Esc and its cross close it, and focus goes back to where it was. */
export function Dialog({
  title,
  onClose,
  children,
  wide = false,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={wide ? 'wide' : ''}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="button quiet" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** Asks before something is done; stays open and says what went wrong where it fails. */
export function Confirm({
  title,
  action,
  needs,
  danger = false,
  disabled,
  run,
  onClose,
  onRefused,
  children,
}: {
  title: string;
  /** The word on the button that does it. */
  action: string;
  needs?: Permission;
  danger?: boolean;
  disabled?: boolean | string;
  run: () => Promise<unknown>;
  onClose: () => void;
  /** Reads again what the question is about: somebody else may have been quicker. */
  onRefused?: () => unknown;
  children?: ComponentChildren;
}) {
  const [error, setError] = useState<unknown>();
  const confirm = async () => {
    setError(undefined);
    try {
      await run();
      onClose();
    } catch (reason) {
      setError(reason);
      onRefused?.();
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="dialog-body">{children}</div>
      {error === undefined ? null : <ErrorBox error={error} />}
      <div class="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          kind={danger ? 'danger' : 'primary'}
          {...(needs && { needs })}
          disabled={disabled}
          onClick={confirm}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
