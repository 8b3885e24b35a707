import type { Role } from '../tracking/types.ts';

/** What a route demands of its caller. `public` demands nothing. */
export const PERMISSIONS = ['public', 'read', 'predict', 'log', 'operate', 'admin'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What each role may do; a permission that is not listed is denied. */
const GRANTS: Record<Role, readonly Permission[]> = {
  viewer: ['read'],
  predictor: ['predict'],
  contributor: ['read', 'log'],
  operator: ['read', 'log', 'operate', 'predict'],
  admin: ['read', 'log', 'operate', 'predict', 'admin'],
};

/** Whether `role` may call a route that demands `permission`. An unknown role may do nothing. */
export function allows(role: Role, permission: Permission): boolean {
  return permission === 'public' || (GRANTS[role]?.includes(permission) ?? false);
}

/** The roles that may call a route that demands `permission`: for documents and messages. */
export function rolesFor(permission: Permission): Role[] {
  return (Object.keys(GRANTS) as Role[]).filter((role) => allows(role, permission));
}
