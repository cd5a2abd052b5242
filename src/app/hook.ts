/**
 * What libvirt tells its hook scripts about the life of a virtual machine, and what follows for the rules. Source:
 * libvirt, "Hooks for specific system management" (operations of the qemu, lxc and libxl scripts). There is no operation
 * for suspend and resume: the interface of a paused machine stays, and so do its rules.
 */
import type { Binding } from '../model/binding.js';
import { fail, NwgateError } from '../model/errors.js';
import { isClaimName, printable } from '../model/names.js';
import { type Claimed, type Domain, readDomain } from '../xml/domain-read.js';
import { checkBinding } from './check-binding.js';
import { claimOf, sameBinding } from './claims.js';
import { storedFilter, type World } from './state.js';
import { check, commit } from './transaction.js';

export const DRIVERS = ['qemu', 'lxc', 'libxl'] as const;

export interface HookCall {
  readonly driver: (typeof DRIVERS)[number];
  readonly vm: string;
  readonly operation: string;
  readonly suboperation: string;
  /** The domain, as libvirt writes it to the script's standard input. */
  readonly document: string;
  readonly source?: string | undefined;
}

export interface HookResult {
  /** Ports of the machine that have their rules now. */
  readonly bound: readonly string[];
  /** Ports whose rules are gone. */
  readonly released: readonly string[];
  /** The domain for libvirt to go on with, where it asks for one. */
  readonly domain: string | undefined;
  /** What could not be done to a machine that runs on. */
  readonly complaint: string | undefined;
}

type Done = Pick<HookResult, 'bound' | 'released'>;

/**
 * - `check`: everything that binding would find, nothing touched: libvirt may still choose the devices.
 * - `prepare`: binds interfaces whose device is known and free, checks the others.
 * - `bind`: binds every interface; each must have its device.
 * - `release`: takes the rules of all the machine's ports away.
 */
type Step = 'check' | 'prepare' | 'bind' | 'release';

interface Row {
  readonly operation: string;
  readonly suboperation: string;
  readonly step: Step;
  /** libvirt takes the domain from our output. */
  readonly answers?: true;
  /** The machine runs already, and libvirt would kill it if we failed: that is said, and what it has stays. */
  readonly running?: true;
}

const ROWS: readonly Row[] = [
  { operation: 'prepare', suboperation: 'begin', step: 'prepare' },
  { operation: 'start', suboperation: 'begin', step: 'bind' },
  { operation: 'started', suboperation: 'begin', step: 'bind' },
  { operation: 'stopped', suboperation: 'end', step: 'release' },
  { operation: 'release', suboperation: 'end', step: 'release' },
  // What follows on this host is prepare, start, started as for any other start.
  { operation: 'migrate', suboperation: 'begin', step: 'check', answers: true },
  { operation: 'restore', suboperation: 'begin', step: 'check', answers: true },
  { operation: 'reconnect', suboperation: 'begin', step: 'bind', running: true },
  { operation: 'attach', suboperation: 'begin', step: 'bind' },
];

const STEPS: Readonly<Record<Step, (world: World, domain: Domain) => Promise<Done>>> = {
  async check(world, domain) {
    await examine(world, domain);
    return NOTHING;
  },
  async prepare(world, domain) {
    await examine(world, domain);
    const known = domain.interfaces.filter(
      ({ target }) => target !== undefined && mayTake(world, target, domain) === 'free',
    );
    return bindAll(world, domain, { ...domain, interfaces: known });
  },
  async bind(world, domain) {
    demandHost(world);
    const lost = domain.interfaces.find(({ target }) => target === undefined);
    if (lost) {
      const which = `the interface ${lost.mac ?? 'without MAC address'}`;
      throw fail(
        'VALUE',
        `${which} has no device yet: name it by <target dev='…'/>, so that it is filtered from the start`,
      );
    }
    return bindAll(world, domain, domain);
  },
  release: (world, domain) => bindAll(world, domain, { ...domain, interfaces: [] }),
};

const NOTHING: Done = { bound: [], released: [] };

/**
 * Carries out one call; operations that libvirt may add later do nothing. Errors: those of `readDomain`, NAME, VALUE,
 * FILTER_NOT_FOUND, VARIABLE_*, EXISTS (a port that somebody bound by hand), HOST_LACKS, NOT_APPLIED: nothing changed.
 */
export async function hook(world: World, call: HookCall): Promise<HookResult> {
  const row = ROWS.find(
    ({ operation, suboperation }) => operation === call.operation && suboperation === call.suboperation,
  );
  if (!row) return { ...NOTHING, domain: undefined, complaint: undefined };
  const answer = row.answers ? call.document : undefined;
  try {
    const done = await STEPS[row.step](world, domainOf(world, call, row));
    return { ...done, domain: answer, complaint: undefined };
  } catch (error) {
    if (!row.running || !(error instanceof NwgateError)) throw error;
    return { ...NOTHING, domain: answer, complaint: error.message };
  }
}

/** To take rules away the machine's name is enough. */
function domainOf({ state }: World, { vm, document, source }: HookCall, { step }: Row): Domain {
  if (step === 'release' && document.trim() === '') return { name: vm, uuid: undefined, interfaces: [] };
  const claimed: Claimed = (mac, machine) => {
    const claim = claimOf(state, mac, machine);
    return (
      claim && { kind: 'filterref', filter: claim.filter, parameters: claim.parameters, claim: claim.port }
    );
  };
  const domain = readDomain(document, { source, claimed });
  if (domain.name !== vm) {
    throw fail('VALUE', `the hook is called for ${printable(vm)}, the domain is ${printable(domain.name)}`);
  }
  return domain;
}

/** The machine would run unfiltered where rules cannot go into the kernel although nobody asked for that. */
function demandHost({ host }: World): void {
  if (host.kind === 'dry-run' && host.fallback) {
    throw fail('HOST_LACKS', `rules cannot be put in place here: ${host.reason ?? 'the host is dry-run'}`);
  }
}

/** Throws what binding the interfaces would; those without a device go by the alias that libvirt gives them. */
async function examine(world: World, domain: Domain): Promise<void> {
  demandHost(world);
  const bindings = domain.interfaces.map(({ target }, index) =>
    bindingOf(domain, index, target ?? `net${index}`),
  );
  for (const { filter } of bindings) storedFilter(world.state, filter);
  await check(world, { bindings: new Map(bindings.map((binding) => [binding.port, binding])) });
}

/** The machine's ports become those of `wanted`, in one step: what it had besides is gone. */
async function bindAll(world: World, domain: Domain, wanted: Domain): Promise<Done> {
  const changes = new Map<string, Binding | undefined>();
  for (const [port, { stored }] of world.state.ports) {
    if (isOwner(stored.value.owner, domain) && !isClaimName(port)) changes.set(port, undefined);
  }
  for (const [index, { target = '' }] of wanted.interfaces.entries()) {
    const binding = bindingOf(wanted, index, target);
    storedFilter(world.state, binding.filter);
    if (mayTake(world, binding.port, domain) === 'refused') {
      throw fail('EXISTS', `port ${binding.port} was bound by hand: unbind it first`);
    }
    changes.set(binding.port, binding);
  }
  const released = [...changes].flatMap(([port, binding]) => (binding ? [] : [port]));
  const bound = [...changes].flatMap(([port, binding]) => (binding ? [port] : []));
  for (const [port, binding] of changes) if (binding && isBound(world, binding)) changes.delete(port);
  if (changes.size > 0) await commit(world, { bindings: changes });
  return { bound, released };
}

function bindingOf({ name, uuid, interfaces }: Domain, index: number, port: string): Binding {
  const { filter, mac, parameters, claim } = interfaces[index]!;
  return checkBinding({
    port,
    filter,
    mac,
    parameters,
    owner: { name, ...(uuid !== undefined && { uuid }) },
    ...(claim !== undefined && { claim }),
  });
}

/** In force word for word: the second call of a start changes nothing. */
function isBound({ state }: World, wanted: Binding): boolean {
  const port = state.ports.get(wanted.port);
  return port !== undefined && port.failure === undefined && sameBinding(port.stored.value, wanted);
}

/**
 * Whether a machine may have a port. One that is bound for another machine is that machine's until libvirt has given the
 * device to this one, which `start` says: then the other is gone, though nobody told us (`taken`).
 */
function mayTake({ state }: World, port: string, domain: Domain): 'free' | 'taken' | 'refused' {
  const bound = state.ports.get(port)?.stored.value;
  if (!bound || isOwner(bound.owner, domain)) return 'free';
  return bound.owner?.uuid === undefined && bound.claim === undefined ? 'refused' : 'taken';
}

function isOwner(owner: Binding['owner'], { name, uuid }: Domain): boolean {
  if (owner?.uuid !== undefined && uuid !== undefined) return owner.uuid === uuid;
  return owner?.name === name;
}
