/** `<firewall>` of the thread → native filters: its templates, and the filter that the rest of it is. */
import { printable } from '../model/names.js';
import { type Attribute, attribute, type Element, el, elements } from './element.js';
import { type Reading, report } from './faults.js';
import { nativeEntries, nativeFilter } from './thread-filter.js';

/** What a word of the high level becomes: rules in front of all others, or behind them. */
interface Feature {
  readonly place: 'front' | 'behind';
  readonly attributes: readonly string[];
  readonly rules: (feature: Element) => readonly Element[];
}

const rule = (action: string, direction: string, ...parts: readonly Element[]) =>
  el('', 'rule', { action, direction }, ...parts);

/** In the order in which they are met: what may not be spoofed is dropped before a type of frame is let through. */
const FEATURES: Readonly<Record<string, Feature>> = {
  'no-mac-spoofing': {
    place: 'front',
    attributes: [],
    rules: () => [rule('drop', 'out', el('', 'mac', { match: 'no', srcmacaddr: '$MAC' }))],
  },
  'no-ip-spoofing': {
    place: 'front',
    attributes: ['address'],
    rules: (feature) => {
      const address = attribute(feature, 'address') ?? '$IP';
      const element = address.includes(':') ? 'ipv6' : 'ip';
      return [rule('drop', 'out', el('', element, { match: 'no', srcipaddr: address }))];
    },
  },
  'ether-allow': {
    place: 'behind',
    attributes: ['protocols'],
    rules: (feature) => [
      ...(attribute(feature, 'protocols') ?? '')
        .split(',')
        .map((word) => rule('accept', 'inout', el('', 'mac', { protocolid: word.trim().toLowerCase() }))),
      el('', 'rule', { action: 'drop', direction: 'inout', priority: '1000' }),
    ],
  },
};

/**
 * The templates as filters of their names, and what else there is as the filter `name`. Faults, to `reading`: USAGE without a name
 * where there is something to name, SCHEMA for words that the form does not have.
 */
export function nativeFirewall(
  firewall: Element,
  name: string | undefined,
  reading: Reading,
): readonly Element[] {
  const parts = elements(firewall);
  const templates = parts.filter(({ local }) => local === 'template');
  const own = parts.filter(({ local }) => local !== 'template');
  const filters = templates.flatMap((template) => templateFilter(template, reading));
  if (own.length === 0) return filters;
  if (name === undefined)
    report(reading, 'USAGE', 'the firewall has no place for its name: give one', firewall.at);
  const placed = (place: Feature['place']) =>
    Object.entries(FEATURES)
      .filter(([, feature]) => feature.place === place)
      .flatMap(([word]) =>
        own.filter(({ local }) => local === word).flatMap((each) => rulesOf(each, reading)),
      );
  const between = own
    .filter(({ local }) => !Object.hasOwn(FEATURES, local))
    .flatMap((each) => entriesOf(each, reading));
  const children = [...placed('front'), ...between, ...placed('behind')];
  return [...filters, { ...el('', 'filter', { name }, ...children), at: firewall.at! }];
}

function templateFilter(template: Element, reading: Reading): readonly Element[] {
  const name = attribute(template, 'name');
  const [filter, ...more] = elements(template);
  if (name === undefined || filter?.local !== 'filter' || more.length > 0) {
    report(reading, 'SCHEMA', '<template> needs a name and one <filter>', template.at);
    return [];
  }
  return [nativeFilter(filter, name, reading)];
}

/** A filter that is a reference, or whose rules stand where it does; a reference to a profile. */
function entriesOf(part: Element, reading: Reading): readonly Element[] {
  const isReference = part.local === 'reference' || attribute(part, 'template') !== undefined;
  if (isReference) return nativeEntries(part, reading);
  if (part.local === 'filter') return elements(nativeFilter(part, undefined, reading));
  report(reading, 'SCHEMA', `<${printable(part.local)}> does not belong in <firewall>`, part.at);
  return [];
}

/** Its rules, which stand where the word does. */
function rulesOf(word: Element, reading: Reading): readonly Element[] {
  const { attributes, rules } = FEATURES[word.local]!;
  const strange = (a: Attribute) => !attributes.includes(a.local) || a.value.trim() === '';
  for (const a of word.attributes.filter(strange))
    report(reading, 'SCHEMA', `<${word.local}> takes no ${printable(a.local)}="${printable(a.value)}"`, a.at);
  return rules(word).map((each) => (word.at ? { ...each, at: word.at } : each));
}
