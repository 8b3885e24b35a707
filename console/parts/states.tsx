import type { ComponentChildren } from 'preact';
import type { Permission } from '../../lib/http/permissions.ts';
import { lacking, session } from '../app/session.ts';
import { Problem } from '../lib/api.ts';
import type { Loaded } from '../lib/load.ts';
import { Button } from './button.tsx';

/** What stands where there is nothing yet: why, and how to get something. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <strong>{title}</strong>
      {children === undefined ? null : <div class="state-more">{children}</div>}
    </div>
  );
}

/** Grey bars in the room that the content will take, so that nothing jumps when it comes. */
export function Skeleton({ rows = 6, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div class="skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}

/** An error as a person reads it: what is wrong, and what to do. A 403 becomes the no-permission state. */
export function ErrorBox({ error, retry }: { error: unknown; retry?: () => unknown }) {
  if (error instanceof Problem && error.status === 403) return <Refused error={error} />;
  const known = error instanceof Problem ? error : undefined;
  return (
    <div class="problem" role="alert">
      <strong>{error instanceof Error ? error.message : String(error)}</strong>
      {known?.remedy === undefined ? null : <p>{known.remedy}</p>}
      {known === undefined ? null : <p class="quiet mono">{known.code}</p>}
      {retry === undefined || isFinal(known) ? null : <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

/** Whether asking the same again gives the same: what the caller got wrong stays wrong. */
const isFinal = (problem: Problem | undefined): boolean =>
  problem !== undefined && problem.status >= 400 && problem.status < 500 && problem.status !== 429;

function Refused({ error }: { error: Problem }) {
  return (
    <div class="state" role="alert">
      <strong>Not with this token</strong>
      <p>{error.message}</p>
      {error.remedy === undefined ? null : <p class="quiet">{error.remedy}</p>}
    </div>
  );
}

/** In place of a page that the reader's role may not see. */
export function NoPermission({ needs }: { needs: Permission }) {
  return (
    <div class="state" role="alert">
      <strong>Not with this token</strong>
      <p>
        The role {session.value?.me.role} may not {needs} here: this page {lacking(needs)}.
      </p>
      <p class="quiet">Sign in with another token, or ask an admin of the workspace for one.</p>
    </div>
  );
}

/** One of the states of something that is read: skeleton, error (above what was read before), or the content. */
export function Load<T>({
  of,
  skeleton,
  children,
}: {
  of: Loaded<T>;
  skeleton?: ComponentChildren;
  children: (data: T) => ComponentChildren;
}) {
  return (
    <>
      {of.error === undefined ? null : <ErrorBox error={of.error} retry={of.refresh} />}
      {of.data !== undefined ? children(of.data) : of.error === undefined ? (skeleton ?? <Skeleton />) : null}
    </>
  );
}
