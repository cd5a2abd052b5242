/** Puts the product together for one state directory, whose lock the caller holds. */
import { hostname } from 'node:os';
import { type AuditedProduct, auditedProduct } from '../app/audited.js';
import { openGateway } from '../app/gateway.js';
import type { Log } from '../app/state.js';
import type { Meanwhile } from '../compiler/plan.js';
import { chooseHost } from '../host/choose.js';
import { deafListener, openListener } from '../learn/listener.js';
import type { Transform } from '../mapping/transform.js';
import { fileAudit } from '../store/audit.js';
import { openFileStore } from '../store/file-store.js';
import { fileLeases } from '../store/leases.js';
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
  /** Whether the addresses of guests are listened for: by a process that stays. */
  readonly listens?: true;
  /** What becomes of ports whose rules are lost, until they are there again. */
  readonly meanwhile?: Meanwhile | undefined;
  /** Whether HTTP Digest is offered: what it needs is kept of passwords then. */
  readonly digest?: boolean | undefined;
}

export interface OpenProduct extends AuditedProduct<FileUsers> {
  readonly transform: Transform;
  /** This host's name in CIM keys. */
  readonly systemName: string;
  readonly builtIn: ReadonlySet<string>;
  /** Ends what runs for it. */
  close(): Promise<void>;
}

/** Errors: DISK, HOST_LACKS (a kernel host was asked for and cannot be had). */
export async function openProduct(options: ProductOptions): Promise<OpenProduct> {
  const { state, host, netns, log, resync, digest, meanwhile } = options;
  const builtIn = await builtInFilters();
  const { transform, close } = await chooseEngine({ stays: options.listens ?? false });
  const systemName = hostname();
  const ears = options.listens ? openListener({ netns, log }) : undefined;
  const gateway = await openGateway({
    store: await openFileStore(state, log),
    host: await chooseHost({ want: host, netns, meanwhile }),
    transform,
    systemName,
    log,
    builtIn,
    resync,
    leases: fileLeases(state),
    listener: ears ?? deafListener,
  });
  const names = new Set(builtIn.map(({ name }) => name));
  const audit = fileAudit(state);
  const end = async () => {
    await ears?.close();
    await audit.close();
    await close();
  };
  const product = auditedProduct({ gateway, users: fileUsers(state, { digest }) }, audit, log);
  return { ...product, transform, systemName, builtIn: names, close: end };
}
