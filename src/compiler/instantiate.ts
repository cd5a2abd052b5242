/**
 * A filter with everything it refers to → a flat list of rules without variables. Source: libvirt's nwfilter format,
 * "filter chains", "usage of variables" (precedence: what is closer to the port wins).
 */
import { type Fault, formatFault, type Place, throwIfAny } from '../model/errors.js';
import type { Filter, Match, Parameter, Rule } from '../model/filter.js';
import { protocolSpec } from '../protocols/registry.js';
import type { ProtocolSpec } from '../protocols/types.js';
import { hasVariables, type Scope, substitute } from './substitute.js';

export type Lookup = (name: string) => Filter | undefined;

/** A rule as one port has it: literals only. */
export interface Instance {
  readonly rule: Rule;
  /** Row of the rule's protocol; undefined for a rule that every frame meets. */
  readonly spec: ProtocolSpec | undefined;
  /** The filter it stands in, and that filter's chain. */
  readonly filter: string;
  readonly chain: string;
  readonly chainPriority: number;
  readonly place: Place;
  /** Canonical text, in table order. */
  readonly matches: readonly Match[];
}

export interface Limits {
  /** Rules that come out, and likewise filters visited: references make trees that grow like powers. */
  readonly maxRules: number;
}

/** References deeper than any filter needs, and less than the stack holds. */
const MAX_DEPTH = 500;

export const DEFAULT_LIMITS: Limits = { maxRules: 100_000 };

/**
 * Rules in the order in which they stand, references expanded in place. Throws all faults of the whole tree at once:
 * REF_MISSING, REF_LOOP, VARIABLE_UNSET, VARIABLE_LENGTH, VARIABLE_VALUE, NOT_COMPILABLE (an unknown protocol), LIMIT.
 */
export function instantiate(
  filterName: string,
  lookup: Lookup,
  parameters: readonly Parameter[],
  mac?: string,
  limits: Limits = DEFAULT_LIMITS,
): readonly Instance[] {
  const faults = new Map<string, Fault>();
  const report = (fault: Fault) => faults.set(`${fault.code} ${formatFault(fault)}`, fault);
  const found: Instance[] = [];
  let visits = 0;
  let full = false;

  const overflow = (place: Place) => {
    full = true;
    const message = `with everything it refers to, filter ${filterName} makes more than ${limits.maxRules} rules`;
    report({ code: 'LIMIT', message, where: place });
  };

  const addRule = (filter: Filter, rule: Rule, place: Place, scope: Scope) => {
    const { name, chain, priority } = filter;
    const add = (matches: readonly Match[]) =>
      found.push({ rule, spec, filter: name, chain, chainPriority: priority, place, matches });
    const spec = rule.protocol === undefined ? undefined : protocolSpec(rule.protocol);
    if (rule.protocol !== undefined && spec === undefined) {
      report({ code: 'NOT_COMPILABLE', message: `there is no protocol ${rule.protocol}`, where: place });
    } else if (spec === undefined || !hasVariables(rule, spec)) {
      add(rule.matches);
    } else {
      const { results, faults: wrong } = substitute(rule, spec, scope, place, limits.maxRules);
      wrong.forEach(report);
      results.forEach(add);
    }
    if (found.length > limits.maxRules) overflow(place);
  };

  const path: string[] = [];
  const visit = (name: string, scope: Scope, from: Place) => {
    const filter = lookup(name);
    if (filter === undefined) {
      report({ code: 'REF_MISSING', message: `there is no filter ${name}`, where: from });
      return;
    }
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name].join(' → ');
      report({
        code: 'REF_LOOP',
        message: `filters refer to each other in a circle: ${circle}`,
        where: from,
      });
      return;
    }
    if (path.length === MAX_DEPTH) {
      const message = `references of filter ${filterName} go more than ${MAX_DEPTH} filters deep`;
      report({ code: 'LIMIT', message, where: from });
      return;
    }
    path.push(name);
    visits += 1;
    if (visits > limits.maxRules) overflow(from);
    let number = 0;
    for (const entry of filter.entries) {
      if (full) break;
      if (entry.kind === 'rule') {
        number += 1;
        addRule(filter, entry, { ...entry.place, filter: name, rule: number }, scope);
      } else {
        visit(entry.filter, inside(scope, entry.parameters), { ...entry.place, filter: name });
      }
    }
    path.pop();
  };

  visit(filterName, outermost(parameters, mac), {});
  throwIfAny([...faults.values()]);
  return found;
}

function valuesByName(parameters: readonly Parameter[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const { name, value } of parameters) {
    const list = values.get(name);
    if (list) list.push(value);
    else values.set(name, [value]);
  }
  return values;
}

/** Parameters of the binding, and the port's MAC unless they set it. */
function outermost(parameters: readonly Parameter[], mac: string | undefined): Scope {
  const scope = valuesByName(parameters);
  if (mac !== undefined && !scope.has('MAC')) scope.set('MAC', [mac]);
  return scope;
}

/** What a referenced filter sees: the reference's parameters, those of the outside before them. */
function inside(outside: Scope, parameters: readonly Parameter[]): Scope {
  return parameters.length === 0 ? outside : new Map([...valuesByName(parameters), ...outside]);
}
