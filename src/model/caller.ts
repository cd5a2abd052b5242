/** Who asks for a change: a user of the network services, or the owner of the process at a shell. */
export const ROLES = ['reader', 'operator', 'admin'] as const;
/** Reader reads; operator also applies and removes filters on ports; admin also changes filters and users. */
export type Role = (typeof ROLES)[number];

export interface Caller {
  readonly name: string;
  readonly role: Role;
  /** Where the request came from (an address, `control socket`, `shell`). */
  readonly from: string;
}

/** True when `role` includes everything `needed` may do. */
export function mayActAs(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
