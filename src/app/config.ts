/** The configuration file of a running gateway: JSON, every key optional, unknown keys refused. */
import { z } from 'zod';
import { fail } from '../model/errors.js';

const CONFIG = z.strictObject({
  /** `HOST:PORT` of the HTTP endpoint. */
  listen: z.string().optional(),
  /** The least weight of what is logged. */
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).optional(),
});

export type Config = z.infer<typeof CONFIG>;

/** `file` names it in errors. Errors: USAGE. */
export function readConfig(content: string, file: string): Config {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw fail('USAGE', `it is not JSON: ${(cause as Error).message}`, { file }, { cause });
  }
  const checked = CONFIG.safeParse(value);
  if (!checked.success) {
    throw fail('USAGE', 'the configuration is wrong', { file }, { details: z.prettifyError(checked.error) });
  }
  return checked.data;
}
