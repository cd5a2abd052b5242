/** Puts the product together for one state directory, whose lock the caller holds. */
import { hostname } from 'node:os';
import { openGateway } from '../app/gateway.js';
import type { Product } from '../app/operation.js';
import type { Log } from '../app/state.js';
import { chooseHost } from '../host/choose.js';
import type { Transform } from '../mapping/transform.js';
import { openFileStore } from '../store/file-store.js';
import { type FileUsers, fileUsers } from '../store/users.js';
import { chooseEngine } from '../xslt/engine.js';
import { builtInFilters } from './package.js';

export const HOST_CHOICES = ['auto', 'kernel', 'dry-run'] as const;
export type HostChoice = (typeof HOST_CHOICES)[number];

export interface ProductOptions {
  readonly state: string;
  readonly host: HostChoice;
  readonly netns: string | undefined;
  readonly log: Log;
  /** Whether the kernel is brought to what is stored at once. */
  readonly resync: boolean;
}

export interface OpenProduct extends Product {
  readonly users: FileUsers;
  readonly transform: Transform;
  /** This host's name in CIM keys. */
  readonly systemName: string;
  readonly builtIn: ReadonlySet<string>;
  /** Ends what runs for it. */
  close(): Promise<void>;
}

/** Errors: DISK, HOST_LACKS (a kernel host was asked for and cannot be had). */
export async function openProduct({ state, host, netns, log, resync }: ProductOptions): Promise<OpenProduct> {
  const builtIn = await builtInFilters();
  const { transform, close } = await chooseEngine();
  const systemName = hostname();
  const gateway = await openGateway({
    store: await openFileStore(state),
    host: await chooseHost({ want: host, netns }),
    transform,
    systemName,
    log,
    builtIn,
    resync,
  });
  const names = new Set(builtIn.map(({ name }) => name));
  return { gateway, users: fileUsers(state), transform, systemName, builtIn: names, close };
}
