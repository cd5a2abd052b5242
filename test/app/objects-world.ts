/** A gateway in memory and a mapping of a few attributes, for the tests of the object manager. */
import { demandRole } from '../../src/app/access.js';
import type { BindingStatus, Gateway } from '../../src/app/api.js';
import type { Difference } from '../../src/app/difference.js';
import type { Mapping } from '../../src/app/objects-filters.js';
import { objectManager } from '../../src/app/objects-manager.js';
import type { ObjectOptions } from '../../src/app/objects-world.js';
import type { NetworkInterface, Stored } from '../../src/app/ports.js';
import { decodeInstances } from '../../src/cim/decode.js';
import type { CimValue, Instance } from '../../src/cim/instance.js';
import { isObjectPath } from '../../src/cim/instance.js';
import { toNeutral } from '../../src/cim/neutral.js';
import { keyValue, pathOfInstance } from '../../src/cim/path.js';
import { hostKeys, instance, listPath } from '../../src/cim/views.js';
import type { Binding } from '../../src/model/binding.js';
import type { Caller } from '../../src/model/caller.js';
import { fail } from '../../src/model/errors.js';
import type { Action, Direction, Entry, Filter, Match, Rule } from '../../src/model/filter.js';

export const HOST = 'host.example';
export const caller = (role: Caller['role']): Caller => ({ name: role, role, from: 'test' });
export const admin = caller('admin');
export const operator = caller('operator');
export const reader = caller('reader');

/** Everything the gateway was asked to change, in order. */
export type Call = readonly [name: string, ...rest: unknown[]];

export interface FakeGateway extends Gateway {
  readonly calls: Call[];
}

/** Keeps filters and bindings by name; revisions as a store has them. What the tests do not need, throws. */
export function fakeGateway(
  filters: readonly Filter[],
  options: {
    bindings?: readonly Binding[];
    interfaces?: readonly NetworkInterface[];
    differences?: readonly Difference[];
  } = {},
): FakeGateway {
  const stored = new Map<string, Stored<Filter>>(
    filters.map((value) => [value.name, { value, revision: 1 }]),
  );
  const bound = new Map((options.bindings ?? []).map((binding) => [binding.port, binding]));
  const calls: Call[] = [];
  const get = (name: string) => {
    const found = stored.get(name);
    if (!found) throw fail('FILTER_NOT_FOUND', `there is no filter ${name}`);
    return found;
  };
  const status = (binding: Binding): BindingStatus => ({
    ...binding,
    revision: 1,
    state: 'applied',
    reason: undefined,
    ports: [binding.port],
    learned: [],
  });
  const unused = (): never => {
    throw new Error('not part of this gateway');
  };
  return {
    calls,
    host: { kind: 'dry-run', reason: 'a test' },
    filter: get,
    filters: () => [...stored.values()],
    bindings: () => [...bound.values()].map(status),
    interfaces: async () => options.interfaces ?? [],
    async putFilters(wanted, by) {
      calls.push(['putFilters', wanted.map(({ filter, expected }) => [filter.name, expected]), by.name]);
      for (const { filter, expected } of wanted) {
        const revision = stored.get(filter.name)?.revision ?? 0;
        if (expected !== undefined && expected !== revision)
          throw fail(expected === 0 ? 'EXISTS' : 'STALE', `revision ${revision}, not ${expected}`);
        stored.set(filter.name, { value: filter, revision: revision + 1 });
      }
    },
    async undefine(name, by, expected) {
      calls.push(['undefine', name, expected, by.name]);
      stored.delete(name);
    },
    async bind(binding, how, by) {
      calls.push(['bind', binding, how, by.name]);
      if (bound.has(binding.port) && !how.replace) throw fail('EXISTS', `${binding.port} is bound`);
      bound.set(binding.port, binding);
      return status(binding);
    },
    async unbind(port, by, expected) {
      calls.push(['unbind', port, by.name, expected]);
      if (!bound.delete(port)) throw fail('BINDING_NOT_FOUND', `nothing is bound to ${port}`);
    },
    compile: (request) => {
      calls.push(['compile', request]);
      const side = { fromGuest: undefined, toGuest: undefined, chains: [] };
      return { port: request.port, tools: { ebtables: side, iptables: side, ip6tables: side } };
    },
    async exportPolicy(request) {
      calls.push(['export', request]);
      return { document: '<x/>', leftOut: [{ code: 'FORM_CANNOT_HOLD', message: 'a comment' }] };
    },
    async importPolicy(request, by) {
      calls.push(['import', request, by.name]);
      return { names: ['a', 'b'], report: ['one', 'two'] };
    },
    async verify(repair, by) {
      calls.push(['verify', repair, by.name]);
      demandRole(by, repair ? 'operator' : 'reader', 'repair');
      return { differences: options.differences ?? [], by: 'rules', repaired: repair };
    },
    onHostDiffers: () => undefined,
    onChange: () => () => undefined,
    watch: unused,
    unreadable: () => [],
    listFilters: unused,
    dumpxml: unused,
    define: unused,
    createFrom: unused,
    validate: unused,
    hook: unused,
  };
}

const ACTIONS: readonly Action[] = ['accept', 'drop', 'reject', 'return', 'continue'];
const DIRECTIONS: readonly Direction[] = ['in', 'out', 'inout'];
const PROPERTIES: readonly (readonly [attribute: string, property: string])[] = [
  ['srcipaddr', 'HdrSrcAddress'],
  ['srcipmask', 'HdrSrcMask'],
  ['dstportstart', 'HdrDestPortStart'],
  ['dstportend', 'HdrDestPortEnd'],
  ['type', 'ICMPType'],
  ['comment', 'Description'],
];
const PROTOCOLS: Readonly<Record<string, number | undefined>> = { tcp: 6, icmp: 1, all: undefined };

/** Rules of <tcp>, <icmp>, <all> and without protocol, both ways; counts its runs. */
export function fakeMapping(): Mapping & { readonly runs: string[] } {
  const runs: string[] = [];
  return {
    runs,
    async toInstances(filter) {
      runs.push(filter.name);
      return [
        listOf(filter),
        ...filter.entries.flatMap((entry, index) => objectsOf(filter, entry, index)),
      ].map(toNeutral);
    },
    async fromInstances(elements) {
      const [list, ...others] = decodeInstances(elements);
      const entries = others.filter(({ className }) => className.endsWith('Filter')).map(ruleOf);
      const { properties } = list!;
      return {
        name: String(properties.get('Name')),
        uuid: undefined,
        chain: String(properties.get('Chain')),
        priority: Number(properties.get('Priority')),
        entries,
      };
    },
  };
}

function listOf(filter: Filter): Instance {
  return instance('NWG_FilterList', {
    ...hostKeys(HOST, 'NWG_FilterList'),
    Name: filter.name,
    Chain: filter.chain,
    Priority: filter.priority,
    UUID: filter.uuid,
  });
}

function objectsOf(filter: Filter, entry: Entry, index: number): readonly Instance[] {
  if (entry.kind === 'filterref') {
    const values = entry.parameters.length > 0 && {
      ParameterNames: entry.parameters.map(({ name }) => name),
      ParameterValues: entry.parameters.map(({ value }) => value),
    };
    const ends = { Antecedent: listPath(HOST, entry.filter), Dependent: listPath(HOST, filter.name) };
    return [instance('NWG_NestedFilterList', { ...ends, RefIndex: index, ...values })];
  }
  const className = entry.protocol === undefined ? 'NWG_AnyFilter' : 'NWG_IPHeadersFilter';
  const property = (attribute: string) => PROPERTIES.find(([name]) => name === attribute)![1];
  const literal = entry.matches.filter(({ value }) => !value.startsWith('$'));
  const variable = entry.matches.filter(({ value }) => value.startsWith('$'));
  const negated = entry.matches.filter((match) => match.negated);
  const made = instance(className, {
    ...hostKeys(HOST, className),
    Name: `${filter.name}:${entry.id}`,
    IsNegated: false,
    Action: ACTIONS.indexOf(entry.action) + 1,
    Direction: DIRECTIONS.indexOf(entry.direction) + 1,
    Priority: entry.priority,
    StateMatch: entry.statematch,
    ...(entry.protocol !== undefined && { ProtocolElement: entry.protocol, HdrIPVersion: 4 }),
    HdrProtocolID: PROTOCOLS[entry.protocol ?? 'all'],
    ...Object.fromEntries(
      literal.map(({ attribute, value }): [string, CimValue] => [
        property(attribute),
        /^\d+$/.test(value) && attribute !== 'srcipmask' ? Number(value) : value,
      ]),
    ),
    NegatedProperties: negated.length > 0 ? negated.map((m) => property(m.attribute)) : undefined,
    VariableProperties: variable.length > 0 ? variable.map((m) => property(m.attribute)) : undefined,
    VariableExpressions: variable.length > 0 ? variable.map((m) => m.value) : undefined,
  });
  const member = instance('NWG_EntriesInFilterList', {
    GroupComponent: listPath(HOST, filter.name),
    PartComponent: pathOfInstance('root/nwgate', made),
    EntrySequence: 0,
    RuleIndex: index,
  });
  return [made, member];
}

function ruleOf({ className, properties }: Instance): Rule {
  const said = properties.get('ProtocolElement');
  const byNumber = Object.entries(PROTOCOLS).find(([, number]) => number === properties.get('HdrProtocolID'));
  const protocol = className === 'NWG_AnyFilter' ? undefined : String(said ?? byNumber?.[0]);
  const list = (name: string) => (properties.get(name) ?? []) as readonly string[];
  const matches = PROPERTIES.flatMap(([attribute, name]): Match[] => {
    const variable = list('VariableExpressions')[list('VariableProperties').indexOf(name)];
    const value = variable ?? properties.get(name);
    return value === undefined
      ? []
      : [{ attribute, value: String(value), negated: list('NegatedProperties').includes(name) }];
  });
  return {
    kind: 'rule',
    id: '',
    action: ACTIONS[Number(properties.get('Action')) - 1]!,
    direction: DIRECTIONS[Number(properties.get('Direction')) - 1]!,
    priority: Number(properties.get('Priority')),
    statematch: properties.get('StateMatch') !== false,
    protocol,
    matches,
  };
}

export function rule(
  id: string,
  protocol: string | undefined,
  matches: Record<string, string>,
  more: Partial<Rule> = {},
): Rule {
  return {
    kind: 'rule',
    id,
    action: 'drop',
    direction: 'out',
    priority: 500,
    statematch: true,
    protocol,
    matches: Object.entries(matches).map(([attribute, value]) => ({ attribute, value, negated: false })),
    ...more,
  };
}

/** A filter on a port. */
export const bindingOf = (port: string, name: string): Binding => ({
  port,
  filter: name,
  mac: undefined,
  owner: undefined,
  parameters: [],
});

export function filter(name: string, ...entries: readonly Entry[]): Filter {
  return { name, uuid: undefined, chain: 'root', priority: 0, entries };
}

export const reference = (name: string, parameters: Record<string, string> = {}): Entry => ({
  kind: 'filterref',
  filter: name,
  parameters: Object.entries(parameters).map(([key, value]) => ({ name: key, value })),
});

/** The object manager over both. */
export function world(gateway: FakeGateway, options: Partial<ObjectOptions> = {}) {
  const mapping = fakeMapping();
  const objects = objectManager(gateway, mapping, {
    systemName: HOST,
    renderPort: ({ port }) => `# ebtables for ${port}`,
    ...options,
  });
  return { objects, mapping, gateway };
}

export async function all(instances: AsyncIterable<Instance>): Promise<readonly Instance[]> {
  const found: Instance[] = [];
  for await (const each of instances) found.push(each);
  return found;
}

/** Key Name (or DeviceID) of an instance, or of what a reference of it points to. */
export function named(each: Instance, property = 'Name'): string {
  const value = each.properties.get(property);
  return isObjectPath(value) ? String(keyValue(value, 'Name') ?? keyValue(value, 'DeviceID')) : String(value);
}

/** A copy with other property values; undefined takes one away. */
export function changed(each: Instance, values: Record<string, CimValue | undefined>): Instance {
  const properties = new Map<string, CimValue>();
  for (const [name, value] of [...each.properties, ...Object.entries(values)])
    if (value === undefined) properties.delete(name);
    else properties.set(name, value);
  return { ...each, properties };
}
