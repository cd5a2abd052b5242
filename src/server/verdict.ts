/** What became of a request's credentials. */
import type { User } from '../app/ports.js';

/**
 * `wait`: milliseconds until a password of this user or from this address is looked at again. `stale`: it was right, but made of a
 * challenge that is over.
 */
export type Verdict =
  | { readonly user: User }
  | { readonly user: undefined; readonly wait: number; readonly stale?: boolean };

/** A verdict is remembered this long, in milliseconds: a user removed or given another role is so after it at the latest. */
export const REMEMBERED = 10_000;
/** Milliseconds for which credentials that were right are checked again whatever others guess: nobody can be locked out. */
export const PROVEN = 15 * 60_000;
export const NOBODY: Verdict = { user: undefined, wait: 0 };
