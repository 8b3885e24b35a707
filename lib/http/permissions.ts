import type { Role } from '../tracking/types.ts';

/** What a route demands of its caller. `public` demands nothing, `token` any token that is good. */
export const PERMISSIONS = ['public', 'token', 'read', 'predict', 'log', 'operate', 'admin'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What each role may do; a permission that is not listed is denied. */
const GRANTS: Record<Role, readonly Permission[]> = {
  viewer: ['token', 'read'],
  predictor: ['token', 'predict'],
  contributor: ['token', 'read', 'log'],
  operator: ['token', 'read', 'log', 'operate', 'predict'],
  admin: ['token', 'read', 'log', 'operate', 'predict', 'admin'],
};

/** Whether `role` may call a route that demands `permission`. An unknown role may do nothing. */
export function allows(role: Role, permission: Permission): boolean {
  return permission === 'public' || (GRANTS[role]?.includes(permission) ?? false);
}

/** The roles that may call a route that demands `permission`: for documents and messages. */
export function rolesFor(permission: Permission): Role[] {
  return (Object.keys(GRANTS) as Role[]).filter((role) => allows(role, permission));
}

/** What a role may do, `public` aside. */
export const permissionsOf = (role: Role): Permission[] => [...(GRANTS[role] ?? [])];
