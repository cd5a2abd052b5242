/** What a stylesheet refuses: `<nwg:refused property= reason= instance= entry=>` in place of what the other form cannot hold. */
import { type Fault, type Place, throwIfAny } from '../model/errors.js';
import { printable } from '../model/names.js';
import { attribute, type Element, elements } from '../xml/element.js';
import { NWG_NS } from '../xml/vocabulary.js';

/** Number of the rule (from 1) that is an entry of the filter (from 0); undefined when that entry is no rule. */
type RuleOf = (entry: number) => number | undefined;

/**
 * Errors: FORM_CANNOT_HOLD, one fault for each refusal below `root`. `place` is what is known of where it came from; property
 * and rule of the refusal are added.
 */
export function throwIfRefused(root: Element, place: Place, ruleOf: RuleOf = () => undefined): void {
  throwIfAny(refusedIn(root, place, ruleOf));
}

/** One fault for each refusal below `root`. */
export function refusedIn(root: Element, place: Place, ruleOf: RuleOf = () => undefined): readonly Fault[] {
  return refusals(root).map((refused) => faultOf(refused, place, ruleOf));
}

/** The document without the entries in which something is refused: part of a rule would be another rule. */
export function withoutRefused(root: Element): Element {
  return { ...root, children: elements(root).filter((entry) => !isRefused(entry)) };
}

/** True when something in the entry is refused. */
export const isRefused = (entry: Element): boolean => refusals(entry).length > 0;

function refusals(element: Element): readonly Element[] {
  if (element.ns === NWG_NS && element.local === 'refused') return [element];
  return elements(element).flatMap(refusals);
}

function faultOf(refused: Element, place: Place, ruleOf: RuleOf): Fault {
  const said = (name: string) => printable(attribute(refused, name) ?? '', 200);
  const entry = attribute(refused, 'entry');
  const rule = entry === undefined ? undefined : ruleOf(Number(entry));
  const instance = said('instance') === '' ? '' : ` (${said('instance')})`;
  return {
    code: 'FORM_CANNOT_HOLD',
    message: `${said('reason')}${instance}`,
    where: { ...place, ...(rule !== undefined && { rule }), attribute: said('property') },
  };
}
