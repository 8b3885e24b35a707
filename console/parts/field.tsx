import { type ComponentChildren, cloneElement, type VNode } from 'preact';
import { useId } from 'preact/hooks';

/**
 * A control with its label, a help text and what is wrong with its value, all tied to it for screen readers.
 *
 * @param children one input, select or textarea; it gets its id and aria attributes here
 */
export function Field({
  label,
  help,
  error,
  children,
}: {
  label: ComponentChildren;
  help?: ComponentChildren;
  error?: string | undefined;
  children: VNode<Record<string, unknown>>;
}) {
  const id = useId();
  const described = [help !== undefined && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {cloneElement(children, {
        id,
        'aria-describedby': described === '' ? undefined : described,
        'aria-invalid': error ? true : undefined,
      })}
      {help === undefined ? null : (
        <p class="help" id={`${id}-help`}>
          {help}
        </p>
      )}
      {error ? (
        <p class="error" id={`${id}-error`} role="alert">
          {error}
        </p>
      ) : null}
    </div>
  );
}
