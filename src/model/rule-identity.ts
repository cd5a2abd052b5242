/**
 * Names of rules that survive edits of other rules. A rule is known by its content when it was first seen; afterwards the
 * stored file carries the id. node:crypto serves as a plain hash function here.
 */
import { createHash } from 'node:crypto';
import { type Entry, type Filter, type Rule, rulesOf } from './filter.js';

/** What an id may look like: part of a CIM key and of an XML attribute. */
export const RULE_ID = /^[A-Za-z0-9_.-]{1,64}$/;

/** Canonical text of what a rule says, without its id and place: equal text, equal rule. */
export function ruleContent(rule: Rule): string {
  const matches = rule.matches.map(({ attribute, value, negated }) => [attribute, value, negated]);
  return JSON.stringify([
    rule.action,
    rule.direction,
    rule.priority,
    rule.statematch,
    rule.protocol ?? null,
    matches,
  ]);
}

const hashOf = (rule: Rule) => createHash('sha256').update(ruleContent(rule)).digest('hex').slice(0, 8);

/**
 * The filter with an id on each rule, each id once. Ids that are there stay (the first of equal ones); a rule that
 * `previous` held word for word gets the id it had there, duplicates in order; any other a short hash of its content.
 */
export function withIdentities(filter: Filter, previous?: Filter): Filter {
  const rules = rulesOf(filter);
  const taken = new Set<string>();
  // By position, as one rule object may stand in a filter twice.
  const ids: (string | undefined)[] = rules.map(() => undefined);
  const give = (index: number, id: string | undefined) => {
    if (id === undefined || id === '' || taken.has(id)) return;
    taken.add(id);
    ids[index] = id;
  };
  const eachUnnamed = (visit: (rule: Rule, index: number) => void) =>
    rules.forEach((rule, index) => {
      if (ids[index] === undefined) visit(rule, index);
    });

  eachUnnamed((rule, index) => give(index, rule.id));
  const known = idsByContent(previous ? rulesOf(previous) : []);
  eachUnnamed((rule, index) => give(index, firstFree(known.get(ruleContent(rule)), taken)));
  const made = new Map<string, Iterator<string>>();
  eachUnnamed((rule, index) => {
    const hash = hashOf(rule);
    const ids = made.get(hash) ?? numbered(hash);
    made.set(hash, ids);
    give(index, firstFree(ids, taken));
  });

  let at = 0;
  const named = (entry: Entry): Entry =>
    entry.kind === 'rule' ? { ...entry, id: ids[at++] ?? entry.id } : entry;
  return { ...filter, entries: filter.entries.map(named) };
}

/** The first of `ids` that nobody has. Those before it are used up with it: what is taken stays so. */
function firstFree(ids: Iterator<string> | undefined, taken: ReadonlySet<string>): string | undefined {
  for (let next = ids?.next(); next && !next.done; next = ids?.next()) {
    if (!taken.has(next.value)) return next.value;
  }
  return undefined;
}

function* numbered(hash: string): Generator<string> {
  yield hash;
  for (let next = 2; ; next += 1) yield `${hash}-${next}`;
}

function idsByContent(rules: readonly Rule[]): ReadonlyMap<string, Iterator<string>> {
  const found = new Map<string, string[]>();
  for (const rule of rules) {
    const content = ruleContent(rule);
    const ids = found.get(content);
    if (ids) ids.push(rule.id);
    else found.set(content, [rule.id]);
  }
  return new Map([...found].map(([content, ids]) => [content, ids.values()]));
}
