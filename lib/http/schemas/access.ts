import * as z from 'zod';
import { ROLES } from '../../tracking/types.ts';
import { timestamp } from './params.ts';

/** Tokens and workspaces. */

export const workspaceName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63');

export const token = z
  .object({
    tokenId: z.string(),
    workspace: z.string(),
    role: z.enum(ROLES),
    name: z.string(),
    createdAt: timestamp,
    expiresAt: timestamp.optional(),
    revokedAt: timestamp.optional(),
  })
  .meta({ id: 'Token' });
