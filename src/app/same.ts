/** When two filters say the same: everything but the uuid and places, as libvirt compares them. */
import type { Entry, Filter } from '../model/filter.js';
import { ruleContent } from '../model/rule-identity.js';

export function sameContent(a: Filter, b: Filter): boolean {
  return content(a) === content(b);
}

function content({ name, chain, priority, entries }: Filter): string {
  return JSON.stringify([name, chain, priority, entries.map(entryContent)]);
}

function entryContent(entry: Entry): readonly unknown[] {
  if (entry.kind === 'rule') return [entry.id, ruleContent(entry)];
  return [entry.filter, entry.parameters.map(({ name, value }) => [name, value])];
}
