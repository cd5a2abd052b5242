/** The configuration file of a running gateway: JSON, every key optional, unknown keys refused. */
import { z } from 'zod';
import { fail } from '../model/errors.js';

const CONFIG = z.strictObject({
  /** `HOST:PORT` of the HTTP endpoint. */
  listen: z.string().optional(),
  /** Whether others than this machine may reach it. */
  insecureListen: z.boolean().optional(),
  /** A group of this host whose members may use the control socket, as admin. */
  controlGroup: z.string().optional(),
  /** `HOST:PORT` of the HTTPS endpoint, and paths of PEM files. */
  tlsListen: z.string().optional(),
  tlsCert: z.string().optional(),
  tlsKey: z.string().optional(),
  tlsClientCa: z.string().optional(),
  /** Whether ports whose rules somebody took away stay open until they are there again. */
  openMeanwhile: z.boolean().optional(),
  /** Whether HTTP Digest is offered. */
  digest: z.boolean().optional(),
  /** Where events may be sent beside this machine and the subscriber's own: host names, addresses, networks, or `*`. */
  eventSinks: z.array(z.string()).optional(),
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
