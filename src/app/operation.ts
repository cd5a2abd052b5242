/** What an operation is; the table of them is operations.ts. */
import { z } from 'zod';
import type { Caller, Role } from '../model/caller.js';
import type { Gateway } from './api.js';
import type { Users } from './ports.js';

/** What operations work on. */
export interface Product {
  readonly gateway: Gateway;
  readonly users: Users;
}

export interface Operation<S extends z.ZodType = z.ZodType, R = unknown> {
  /** The least role that may run it. */
  readonly role: Role;
  readonly input: S;
  run(product: Product, input: z.infer<S>, by: Caller): Promise<R>;
}

/** An operation whose `run` takes what `input` lets through. */
export function operation<S extends z.ZodType, R>(
  role: Role,
  input: S,
  run: (product: Product, input: z.infer<S>, by: Caller) => R | Promise<R>,
): Operation<S, R> {
  return { role, input, run: async (product, value, by) => run(product, value, by) };
}

/** `NAME` and one value; a list is the name repeated. */
export const PARAMETER = z.strictObject({ name: z.string(), value: z.string() });
export const PARAMETERS = z.array(PARAMETER).default([]);
export const NOTHING = z.strictObject({});
