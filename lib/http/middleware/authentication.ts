import type { MiddlewareObj } from '@middy/core';
import { ForbiddenError, UnauthenticatedError } from '../../errors/index.ts';
import type { Principal } from '../../tracking/types.ts';
import type { Exchange } from '../exchange.ts';
import type { HttpResponse } from '../message.ts';
import { allows, rolesFor } from '../permissions.ts';

/** Who holds this token, or undefined: unknown, revoked, expired. */
export type Authenticate = (token: string) => Promise<Principal | undefined>;

/** No token that the platform makes is longer. */
const MAX_TOKEN_LENGTH = 512;

/**
 * Denies by default. Only a matched route whose permission is `public` needs no token; everything else, unknown paths
 * included, is 401 without a valid token, then 403 without the role, and only then 404 or 405.
 *
 * @param anonymous who a caller without a token is; absent, as in every deployment, such a caller is nobody
 */
export function authentication<D>(
  authenticate: Authenticate,
  anonymous?: Principal,
): MiddlewareObj<Exchange<D>, HttpResponse> {
  return {
    before: async (step) => {
      const { match, request, routingError } = step.event;
      if (match?.route.permission === 'public') return;
      const token = tokenOf(request.headers.authorization);
      if (token === undefined && anonymous === undefined) {
        throw new UnauthenticatedError('this route needs a token');
      }
      const principal = token === undefined ? anonymous : await authenticate(token);
      if (principal === undefined) {
        throw new UnauthenticatedError('the token is unknown, revoked or expired');
      }
      step.event.principal = principal;
      if (match === undefined) throw routingError ?? new ForbiddenError('no route');
      const { permission } = match.route;
      if (!allows(principal.role, permission)) {
        throw new ForbiddenError(`the role ${principal.role} may not ${permission}`, {
          remedy: `Use a token with one of the roles ${rolesFor(permission).join(', ')}.`,
          details: { role: principal.role, permission, roles: rolesFor(permission) },
        });
      }
    },
  };
}

/** The token of `Bearer TOKEN`, or the password of `Basic` (any user name), as clients that know only Basic send it. */
export function tokenOf(header: string | undefined): string | undefined {
  const found = /^(Bearer|Basic) +([\x21-\x7e]+) *$/i.exec(header ?? '');
  if (found === null) return undefined;
  const [, scheme, value] = found as unknown as [string, string, string];
  if (value.length > MAX_TOKEN_LENGTH * 2) return undefined;
  const token = scheme.toLowerCase() === 'basic' ? passwordOf(value) : value;
  return token === undefined || token === '' || token.length > MAX_TOKEN_LENGTH ? undefined : token;
}

function passwordOf(base64: string): string | undefined {
  const text = Buffer.from(base64, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : text.slice(colon + 1);
}
