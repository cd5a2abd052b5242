/** Filters and their entries in a few words, for reports. */
import { type Entry, type Filter, referencesOf, rulesOf } from '../model/filter.js';

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** `filter a: 2 rules, 1 reference`. */
export function describeFilter(filter: Filter): string {
  const rules = count(rulesOf(filter).length, 'rule');
  return `filter ${filter.name}: ${rules}, ${count(referencesOf(filter).length, 'reference')}`;
}

/** `rule drop out tcp dstportstart=25`, `reference to b`. */
export function describeEntry(entry: Entry): string {
  if (entry.kind === 'filterref') return `reference to ${entry.filter}`;
  const matches = entry.matches.map(({ attribute, value, negated }) => {
    return `${attribute}${negated ? '!=' : '='}${value}`;
  });
  return ['rule', entry.action, entry.direction, entry.protocol ?? 'any', ...matches].join(' ');
}
