/** Who calls, and what for. */

export const ROLES = ['viewer', 'predictor', 'contributor', 'operator', 'admin'] as const;

export type Role = (typeof ROLES)[number];

export interface Token {
  /** Public id, shown in lists and logs. */
  tokenId: string;
  workspace: string;
  role: Role;
  name: string;
  createdAt: string;
  expiresAt?: string;
  revokedAt?: string;
}

/** Who calls: the outcome of authentication. */
export interface Principal {
  tokenId: string;
  workspace: string;
  role: Role;
  name: string;
}

/** Experiments, models, files and tokens that no other workspace sees. */
export interface Workspace {
  name: string;
  createdAt: string;
}
