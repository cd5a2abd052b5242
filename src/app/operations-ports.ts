/** Operations on ports: binding, taking off, compiling for one. */
import { z } from 'zod';
import { renderCommands, renderPort } from '../compiler/render.js';
import type { PortRuleset } from '../compiler/ruleset.js';
import type { Binding } from '../model/binding.js';
import { fail } from '../model/errors.js';
import type { Parameter } from '../model/filter.js';
import { isClaimName, printable } from '../model/names.js';
import { readBinding } from '../xml/binding-read.js';
import { NEEDS } from './access.js';
import type { BindingState, BindingStatus, Unreadable } from './api.js';
import { canonicalName } from './check-binding.js';
import { COMPILE_FORMATS } from './choices.js';
import { DRIVERS } from './hook.js';
import { operation, PARAMETERS } from './operation.js';
import type { Lease } from './ports.js';

/** A binding as JSON shows it. */
interface Shown {
  readonly port: string;
  readonly mac: string | null;
  readonly filter: string;
  readonly parameters: readonly Parameter[];
  readonly owner: Binding['owner'] | null;
  readonly state: BindingState;
  readonly reason: string | null;
  /** The claim that bound the port, where one did. */
  readonly claim?: string;
  /** Of a claim: the ports it has. */
  readonly ports?: readonly string[];
  /** Addresses, where some were learned. `expires`: milliseconds since 1970; null: it does not. */
  readonly learned?: readonly (Pick<Lease, 'variable' | 'address' | 'from'> & {
    readonly expires: number | null;
  })[];
}

const BOUND = z.strictObject({
  port: z.string(),
  filter: z.string(),
  mac: z.string().optional(),
  parameters: PARAMETERS,
  owner: z.strictObject({ name: z.string(), uuid: z.string().optional() }).optional(),
  replace: z.boolean().optional(),
});

export const PORT_OPERATIONS = {
  bindings: operation(
    'reader',
    z.strictObject({ port: z.string().optional() }),
    async ({ gateway }, { port }) => {
      await gateway.interfaces();
      const broken = gateway.unreadable().filter(({ kind }) => kind === 'binding');
      const all = [...gateway.bindings().map(shown), ...broken.map(failed)];
      if (port === undefined) return all;
      const found = all.filter((status) => status.port === canonicalName(port));
      if (found.length === 0) throw fail('BINDING_NOT_FOUND', `nothing is bound to port ${printable(port)}`);
      return found;
    },
  ),

  bind: operation(NEEDS.bind, BOUND, async ({ gateway }, { replace, ...binding }, by) =>
    shown(
      await gateway.bind(
        { ...binding, mac: binding.mac, owner: ownerOf(binding.owner) },
        { replace: replace ?? false },
        by,
      ),
    ),
  ),

  /** From libvirt's `<filterbinding>`. */
  bindDocument: operation(
    NEEDS.bind,
    z.strictObject({ document: z.string(), source: z.string().optional() }),
    async ({ gateway }, { document, source }, by) => {
      const binding = readBinding(document, { source });
      return shown(await gateway.bind(binding, {}, by));
    },
  ),

  unbind: operation(NEEDS.unbind, z.strictObject({ port: z.string() }), async ({ gateway }, { port }, by) => {
    await gateway.unbind(port, by);
    return { port };
  }),

  hook: operation(
    NEEDS.bind,
    z.strictObject({
      driver: z.enum(DRIVERS),
      vm: z.string(),
      operation: z.string(),
      suboperation: z.string(),
      document: z.string(),
      source: z.string().optional(),
    }),
    ({ gateway }, call, by) => gateway.hook(call, by),
  ),

  compile: operation(
    'reader',
    z.strictObject({
      filter: z.union([z.string(), z.strictObject({ document: z.string(), source: z.string() })]),
      port: z.string(),
      mac: z.string().optional(),
      parameters: PARAMETERS,
      format: z.enum(COMPILE_FORMATS).default('restore'),
    }),
    ({ gateway }, { format, ...request }) => rendered(gateway.compile(request), format),
  ),
};

/** A binding whose stored file cannot be read: its port is closed. */
function failed({ name, reason }: Unreadable): Shown {
  return {
    port: name,
    mac: null,
    filter: '',
    parameters: [],
    owner: null,
    state: 'failed',
    reason,
  };
}

/** Null where the model has undefined: what every binding has is there in JSON, what few have only where they do. */
function shown({ mac, owner, reason, claim, learned, ...status }: BindingStatus): Shown {
  const { port, filter, parameters, state, ports } = status;
  return {
    port,
    mac: mac ?? null,
    filter,
    parameters,
    owner: owner ?? null,
    state,
    reason: reason ?? null,
    ...(claim === undefined ? {} : { claim }),
    ...(isClaimName(port) ? { ports } : {}),
    ...(learned.length === 0 ? {} : { learned: learned.map(shownLease) }),
  };
}

const shownLease = ({ variable, address, from, expires }: Lease) => ({
  variable,
  address,
  from,
  expires: expires ?? null,
});

function ownerOf(owner: { readonly name: string; readonly uuid?: string | undefined } | undefined) {
  if (owner === undefined) return undefined;
  return owner.uuid === undefined ? { name: owner.name } : { name: owner.name, uuid: owner.uuid };
}

function rendered(rules: PortRuleset, format: (typeof COMPILE_FORMATS)[number]): string {
  if (format === 'json') return `${JSON.stringify(rules, null, 2)}\n`;
  return format === 'commands' ? renderCommands(rules) : renderPort(rules);
}
