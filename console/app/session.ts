import { signal } from '@preact/signals';
import { allows, type Permission, rolesFor } from '../../lib/http/permissions.ts';
import type { Me } from '../../lib/http/types.ts';
import { Api } from '../lib/api.ts';
import { dropToken, keepToken, readToken } from '../lib/token.ts';
import { base } from './settings.ts';

/** A caller whose token the API took. */
export interface Session {
  api: Api;
  me: Me;
}

/** The reader's session; undefined before the sign-in. */
export const session = signal<Session | undefined>(undefined);

/** Why the reader has to sign in again; empty where there is no reason to give. */
export const signedOutBecause = signal('');

const EXPIRED = 'Your token is no longer good: it was revoked, or it expired.';

/** @throws Problem where the token is not taken: nothing is kept then */
export async function signIn(token: string): Promise<void> {
  const api = new Api({ base, token, onUnauthorized: () => session.value?.api === api && signOut(EXPIRED) });
  const me = await api.get<Me>('/me');
  keepToken(token);
  signedOutBecause.value = '';
  session.value = { api, me };
}

/** Forgets the token, and everything that was read with it. */
export function signOut(reason = ''): void {
  dropToken();
  signedOutBecause.value = reason;
  session.value = undefined;
}

/** Signs in with the tab's token, as after a reload. A token that is gone leads to the sign-in, with the reason. */
export async function resume(): Promise<void> {
  const token = readToken();
  if (token === undefined) return;
  await signIn(token).catch((error: { status?: number }) => {
    if (error.status !== 401) throw error;
    signOut(EXPIRED);
  });
}

/** The session, for what stands behind the sign-in. */
export function useSession(): Session {
  const current = session.value;
  if (current === undefined) throw new Error('a page was drawn without a session');
  return current;
}

export const useApi = (): Api => useSession().api;

/** Why the reader may not do what needs `permission`, as in `needs operator`; undefined where they may. */
export function lacking(permission: Permission): string | undefined {
  const role = session.value?.me.role;
  if (role !== undefined && allows(role, permission)) return undefined;
  return `needs ${rolesFor(permission)[0]}`;
}
