/**
 * RELAX NG of the native documents, made from the rows that the reader goes by: schemas/*.rng are this, written out.
 * A grammar cannot say which attributes belong together (`checkMatches`), that none is given twice in a rule, or that
 * `match='no'` negates something: the reader can.
 */
import { PROTOCOLS } from '../protocols/registry.js';
import type { AttributeSpec, Datatype, ProtocolSpec } from '../protocols/types.js';
import { type Element, el } from './element.js';
import { serialise } from './serialise.js';
import {
  BACKEND_WORDS,
  BINDING_WORDS,
  FILTER_WORDS,
  FILTERREF_WORDS,
  MAC_WORDS,
  MATCH_WORD,
  OWNER_NAME,
  PARAMETER_WORDS,
  PORT_WORDS,
  RULE_WORDS,
  type TextType,
  UUID,
  type Word,
} from './vocabulary.js';

const RNG_NS = 'http://relaxng.org/ns/structure/1.0';
const XSD_TYPES = 'http://www.w3.org/2001/XMLSchema-datatypes';

/** `$NAME`, `$NAME[@1]`, `$NAME[2]`: the texts `parseVariable` takes. */
const VARIABLE = String.raw`[$][A-Za-z0-9_]+(\[ *@? *0*(1000|[0-9]{1,3}) *\])? *`;

const rng = (local: string, attributes: Record<string, string>, ...children: Element[]) =>
  el(RNG_NS, local, attributes, ...children);
const optional = (...children: Element[]) => rng('optional', {}, ...children);
const ref = (name: string) => rng('ref', { name });
const define = (name: string, ...children: Element[]) => rng('define', { name }, ...children);
const element = (name: string, ...children: Element[]) =>
  rng('element', { name }, ...(children.length > 0 ? children : [rng('empty', {})]));

function textMatching(pattern: string): Element {
  return rng('data', { type: 'string' }, el(RNG_NS, 'param', { name: 'pattern' }, pattern));
}

/** Text between tags may stand among white space. */
const content = ({ pattern }: TextType) => textMatching(`[ \\t\\r\\n]*(${pattern})[ \\t\\r\\n]*`);

function wordAttribute({ name, ns, type, required }: Word): Element {
  const attributes: Record<string, string> = ns === undefined ? { name } : { name, ns };
  const attribute = rng('attribute', attributes, textMatching(type.pattern));
  return required ? attribute : optional(attribute);
}

const typeName = ({ name }: Datatype) => `type-${name.replace(/[^A-Za-z0-9]+/g, '-')}`;

function matchAttribute({ name, type, role }: AttributeSpec): Element {
  const literal = ref(typeName(type));
  const body = role === 'comment' ? literal : rng('choice', {}, literal, ref('variable'));
  return optional(rng('attribute', { name }, body));
}

const protocolName = ({ element: name }: ProtocolSpec) => `protocol-${name}`;

function protocolDefinitions(): readonly Element[] {
  const types = new Map(PROTOCOLS.flatMap((spec) => spec.attributes.map((a) => [typeName(a.type), a.type])));
  return [
    ...PROTOCOLS.map((spec) =>
      define(
        protocolName(spec),
        // Attributes have no order; said as a group, libxml2 would try every set of the optional ones.
        element(
          spec.element,
          rng('interleave', {}, wordAttribute(MATCH_WORD), ...spec.attributes.map(matchAttribute)),
        ),
      ),
    ),
    ...[...types].map(([name, type]) => define(name, textMatching(type.pattern))),
    define('variable', textMatching(VARIABLE)),
  ];
}

const ruleDefinition = define(
  'rule',
  element(
    'rule',
    ...RULE_WORDS.map(wordAttribute),
    optional(rng('choice', {}, ...PROTOCOLS.map((spec) => rng('oneOrMore', {}, ref(protocolName(spec)))))),
  ),
);

const filterrefDefinition = define(
  'filterref',
  element(
    'filterref',
    ...FILTERREF_WORDS.map(wordAttribute),
    rng('zeroOrMore', {}, element('parameter', ...PARAMETER_WORDS.map(wordAttribute))),
  ),
);

const uuidElement = element('uuid', content(UUID));

function grammar(root: Element, ...definitions: readonly Element[]): string {
  const tree = rng('grammar', { datatypeLibrary: XSD_TYPES }, rng('start', {}, root), ...definitions);
  const notice =
    '<!-- Made by `npm run generate` from src/protocols and src/xml/vocabulary.ts: change those. -->';
  return `<?xml version="1.0" encoding="UTF-8"?>\n${notice}\n${serialise(tree, { pretty: true, prefixes: { [RNG_NS]: '' } })}\n`;
}

/** schemas/nwfilter.rng: a `<filter>` document. */
export function filterSchema(): string {
  const root = element(
    'filter',
    ...FILTER_WORDS.map(wordAttribute),
    rng(
      'interleave',
      {},
      optional(uuidElement),
      rng('zeroOrMore', {}, rng('choice', {}, ref('rule'), ref('filterref'))),
    ),
  );
  return grammar(root, ruleDefinition, filterrefDefinition, ...protocolDefinitions());
}

/** schemas/nwfilterbinding.rng: a `<filterbinding>` document. */
export function bindingSchema(): string {
  const owner = element(
    'owner',
    rng('interleave', {}, element('name', content(OWNER_NAME)), optional(uuidElement)),
  );
  const single = (name: string, words: readonly Word[]) => element(name, ...words.map(wordAttribute));
  const root = element(
    'filterbinding',
    ...BINDING_WORDS.map(wordAttribute),
    rng(
      'interleave',
      {},
      optional(owner),
      single('portdev', PORT_WORDS),
      optional(single('linkdev', PORT_WORDS)),
      optional(single('mac', MAC_WORDS)),
      optional(single('backend', BACKEND_WORDS)),
      ref('filterref'),
    ),
  );
  return grammar(root, filterrefDefinition);
}
