/** Filter → canonical native XML: plain nwfilter, and with identities and revision the form that is stored. */
import { chainKind, chainPriority } from '../model/chains.js';
import {
  type Entry,
  type Filter,
  type FilterRef,
  inNameOrder,
  type Match,
  type Rule,
} from '../model/filter.js';
import { attributeSpec, protocolSpec } from '../protocols/registry.js';
import { type Attribute, type Element, el } from './element.js';
import { serialise } from './serialise.js';
import { NWG_NS, REVISION } from './vocabulary.js';

/** What nwgate keeps in stored files beyond the plain format, in its own namespace. */
export interface StoredForm {
  /** Writes each rule's id. */
  readonly identities?: boolean;
  readonly revision?: number;
}

/** `<filter>` with uuid, then the entries in order; `readFilter` gives the same filter back. */
export function filterElement(filter: Filter, stored: StoredForm = {}): Element {
  // libvirt's documentation and its code disagree on the default of stp chains: there the number is always said.
  const usual = filter.priority === chainPriority(filter.chain) && chainKind(filter.chain)?.prefix !== 'stp';
  const priority = usual ? undefined : String(filter.priority);
  const root = el(
    '',
    'filter',
    { name: filter.name, chain: filter.chain, priority },
    ...(filter.uuid === undefined ? [] : [el('', 'uuid', {}, filter.uuid)]),
    ...filter.entries.map((entry) => entryElement(entry, stored)),
  );
  return withRevision(root, stored.revision);
}

/** Canonical text: indented, one line feed at the end. */
export function writeFilter(filter: Filter, stored: StoredForm = {}): string {
  return writeNative(filterElement(filter, stored));
}

/** Text of a native document. */
export function writeNative(root: Element): string {
  return `${serialise(root, { pretty: true, prefixes: { [NWG_NS]: 'nwg' } })}\n`;
}

export function withRevision(root: Element, revision: number | undefined): Element {
  if (revision === undefined) return root;
  return { ...root, attributes: [...root.attributes, ours(REVISION.name, String(revision))] };
}

/** An attribute of what nwgate itself keeps in stored files. */
export const ours = (local: string, value: string): Attribute => ({ ns: NWG_NS, local, value });

function entryElement(entry: Entry, stored: StoredForm): Element {
  return entry.kind === 'rule' ? ruleElement(entry, stored) : referenceElement(entry);
}

/** Also part of a binding. */
export function referenceElement({ filter, parameters }: Pick<FilterRef, 'filter' | 'parameters'>): Element {
  const children = inNameOrder(parameters).map(({ name, value }) => el('', 'parameter', { name, value }));
  return el('', 'filterref', { filter }, ...children);
}

function ruleElement(rule: Rule, { identities }: StoredForm): Element {
  const root = el(
    '',
    'rule',
    {
      action: rule.action,
      direction: rule.direction,
      priority: String(rule.priority),
      statematch: rule.statematch ? undefined : 'false',
    },
    ...(rule.protocol === undefined ? [] : protocolElements(rule.protocol, rule.matches)),
  );
  return identities && rule.id !== ''
    ? { ...root, attributes: [...root.attributes, ours('id', rule.id)] }
    : root;
}

/** The plain element, then the one with `match='no'`; a comment goes with the first. */
function protocolElements(protocol: string, matches: readonly Match[]): readonly Element[] {
  const spec = protocolSpec(protocol);
  const isComment = ({ attribute }: Match) => spec && attributeSpec(spec, attribute)?.role === 'comment';
  const negated = matches.filter((match) => match.negated);
  const plainTests = matches.filter((match) => !match.negated && !isComment(match));
  const attributes = (list: readonly Match[]) =>
    Object.fromEntries(list.map(({ attribute, value }) => [attribute, value]));

  if (negated.length === 0) return [el('', protocol, attributes(matches))];
  const comments = matches.filter(isComment);
  const [plain, turned] =
    plainTests.length > 0 ? [[...plainTests, ...comments], negated] : [[], [...negated, ...comments]];
  return [
    ...(plain.length > 0 ? [el('', protocol, attributes(plain))] : []),
    el('', protocol, { match: 'no', ...attributes(turned) }),
  ];
}
