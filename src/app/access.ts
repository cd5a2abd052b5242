/** Which role a change needs: one table for every way in. Reading needs `reader`, which every user is. */
import { type Caller, mayActAs, type Role } from '../model/caller.js';
import { fail } from '../model/errors.js';

export const NEEDS = {
  define: 'admin',
  putFilters: 'admin',
  undefine: 'admin',
  createFrom: 'admin',
  importPolicy: 'admin',
  bind: 'operator',
  unbind: 'operator',
  repair: 'operator',
  users: 'admin',
} as const satisfies Readonly<Record<string, Role>>;

export type Change = keyof typeof NEEDS;

/** Errors: ACCESS_DENIED. */
export function demand(by: Caller, change: Change): void {
  demandRole(by, NEEDS[change], change);
}

/** Errors: ACCESS_DENIED. */
export function demandRole(by: Caller, role: Role, what: string): void {
  if (!mayActAs(by.role, role)) {
    throw fail('ACCESS_DENIED', `${by.name} is ${by.role}, and ${what} needs ${role}`);
  }
}
