/** A host that holds rules in memory and can be told to refuse. */
import type { Difference } from '../../src/app/difference.js';
import type { Host, HostEvents, NetworkInterface } from '../../src/app/ports.js';
import type { PortRuleset } from '../../src/compiler/ruleset.js';
import { fail } from '../../src/model/errors.js';

export interface FakeHost extends Host {
  readonly kind: 'kernel';
  /** What `compare` and `drift` find; gone once everything has been written anew. */
  differences: readonly Difference[];
  /** Whoever watches. */
  watchers: HostEvents[];
  /** What the kernel would hold. */
  rules: Map<string, PortRuleset>;
  /** Asked before each change with the ports it changes; true refuses it. */
  refuses: (ports: readonly string[]) => boolean;
  present: string[];
  /** More about those that are present. */
  links: Map<string, Partial<NetworkInterface>>;
  changes: number;
}

export function fakeHost(present: readonly string[] = []): FakeHost {
  const check = (host: FakeHost, ports: readonly string[]) => {
    if (host.refuses(ports)) throw fail('NOT_APPLIED', 'the tool refused', undefined, { details: 'line 3' });
    host.changes += 1;
  };
  return {
    kind: 'kernel',
    reason: undefined,
    rules: new Map(),
    refuses: () => false,
    present: [...present],
    links: new Map(),
    changes: 0,
    differences: [],
    watchers: [],
    async apply(changes) {
      check(this, [...changes.keys()]);
      for (const [port, rules] of changes) {
        if (rules === undefined) this.rules.delete(port);
        else this.rules.set(port, rules);
      }
    },
    async replace(all) {
      check(this, [...all.keys()]);
      this.rules = new Map(all);
      this.differences = [];
    },
    async compare() {
      return { differences: this.differences, by: 'rules' };
    },
    async drift() {
      return this.differences;
    },
    async watch(events) {
      this.watchers.push(events);
      return { close: async () => void this.watchers.splice(this.watchers.indexOf(events), 1) };
    },
    async interfaces() {
      return this.present.map(
        (name): NetworkInterface => ({
          name,
          mac: undefined,
          mtu: 1500,
          up: true,
          bridge: undefined,
          ...this.links.get(name),
        }),
      );
    },
  };
}
