/**
 * Claims: bindings that name a guest's MAC address or a machine instead of a port. What they bind is a binding of its own
 * for each port, stored with the claim's name, so that everything else knows only ports. Pure.
 */
import type { Binding } from '../model/binding.js';
import { isClaimName } from '../model/names.js';
import { writeBinding } from '../xml/binding-write.js';
import type { NetworkInterface } from './ports.js';
import type { State } from './state.js';

type Bindings = ReadonlyMap<string, Binding | undefined>;

/** Whose an interface is, as far as the host or libvirt says. Nothing that a guest can write counts. */
interface Identity {
  readonly machine: string | undefined;
  readonly isMac: (mac: string) => boolean;
}

const KINDS = { mac: 'mac:', machine: 'vm:' } as const;

/** Revision of a port that the kernel did not take, and which is tried again. */
export const UNSTORED = 0;

/** Devices whose host's end has the address of the guest's, or libvirt's and Proxmox's variant of it: `fe` in front. */
const TAPS: readonly (string | undefined)[] = ['tun', 'macvtap'];

export const macClaim = (mac: string) => `${KINDS.mac}${mac}`;
export const machineClaim = (machine: string) => `${KINDS.machine}${machine}`;

/** The MAC address that a claim names. */
export function claimedMac(name: string): string | undefined {
  return isClaimName(name) && name.startsWith(KINDS.mac) ? name.slice(KINDS.mac.length) : undefined;
}

/** What a claim says of a port's interface, its MAC address before its machine: the claim in force there. */
export function claimOf({ ports }: State, mac: string | undefined, machine: string): Binding | undefined {
  const names = [...(mac === undefined ? [] : [macClaim(mac)]), machineClaim(machine)];
  return names.flatMap((name) => ports.get(name)?.stored.value ?? [])[0];
}

/**
 * The changes, and what they and the interfaces that are there now mean for the ports of claims. A port that somebody named
 * is left alone; one that libvirt's hook bound by a claim stays bound until libvirt takes it back or the claim is gone.
 */
export function withClaims(
  state: State,
  links: ReadonlyMap<string, NetworkInterface>,
  changes: Bindings,
): Bindings {
  const after = new Map<string, Binding | undefined>(
    [...state.ports].map(([name, { stored }]) => [name, stored.value]),
  );
  for (const [name, binding] of changes) after.set(name, binding);
  const claims = [...after.values()].filter((binding) => binding && isClaimName(binding.port)) as Binding[];
  claims.sort((a, b) => (a.port < b.port ? -1 : 1));

  const all = new Map(changes);
  for (const port of new Set([...links.keys(), ...after.keys()])) {
    const now = after.get(port);
    const named = now !== undefined && now.claim === undefined;
    const broken = state.brokenBindings.has(port) && !changes.has(port);
    if (named || broken) continue;
    const who = identityOf(links.get(port), now);
    const claim = who && claims.find(({ port: name }) => takes(name, who));
    const wanted = claim && boundBy(claim, port, now, state);
    const unstored = now !== undefined && state.ports.get(port)?.stored.revision === UNSTORED;
    if (unstored || !sameBinding(now, wanted)) all.set(port, wanted);
  }
  return all;
}

/** Undefined where there is no interface, and libvirt has not bound the port. */
function identityOf(link: NetworkInterface | undefined, now: Binding | undefined): Identity | undefined {
  if (now && isHooks(now)) return { machine: now.owner?.name, isMac: (mac) => mac === now.mac };
  if (!link) return undefined;
  const { mac: own, alias, bridge, kind } = link;
  // A bridge has the address of one of its ports, and so has what is made of it.
  const isGuests = bridge !== undefined || TAPS.includes(kind);
  return {
    machine: alias,
    isMac: (mac) => isGuests && own !== undefined && (own === mac || own === `fe${mac.slice(2)}`),
  };
}

/** Bindings that libvirt's hook makes know the machine's uuid. */
const isHooks = ({ owner }: Binding) => owner?.uuid !== undefined;

function takes(claim: string, { machine, isMac }: Identity): boolean {
  const mac = claimedMac(claim);
  return mac === undefined ? machine !== undefined && claim === machineClaim(machine) : isMac(mac);
}

/** What libvirt has said of an interface (its addresses) stays where the claim changes. */
function boundBy(claim: Binding, port: string, now: Binding | undefined, { ports }: State): Binding {
  const { filter, parameters } = claim;
  if (now && isHooks(now)) {
    const given = [...parameters, ...(ports.get(now.claim ?? '')?.stored.value.parameters ?? [])];
    const own = now.parameters.filter(({ name }) => !given.some((parameter) => parameter.name === name));
    return { ...now, filter, parameters: [...parameters, ...own], claim: claim.port };
  }
  const machine = claim.port.startsWith(KINDS.machine) ? claim.port.slice(KINDS.machine.length) : undefined;
  const name = claim.owner?.name ?? machine;
  return { ...claim, port, owner: name === undefined ? undefined : { name }, claim: claim.port };
}

/** Word for word. */
export function sameBinding(a: Binding | undefined, b: Binding | undefined): boolean {
  const text = (binding: Binding | undefined) => binding && writeBinding(binding, { revision: 1 });
  return text(a) === text(b);
}
