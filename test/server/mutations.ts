/** Messages made wrong: their text, their tree, and their octets. */
import fc from 'fast-check';
import { type Element, isElement } from '../../src/xml/element.js';
import { parseXml } from '../../src/xml/parse.js';
import { serialise } from '../../src/xml/serialise.js';

/** Pieces that mean something to somebody. */
const scraps = fc.constantFrom(
  '',
  ' ',
  '<',
  '>',
  '"',
  '&amp;',
  '&#0;',
  '&x;',
  ']]>',
  '<!--x-->',
  '<?x y?>',
  '<![CDATA[x]]>',
  's:mustUnderstand="1"',
  'xmlns=""',
  'xsi:nil="true"',
  '<s:Body/>',
  '<wsman:OptimizeEnumeration/>',
  '-1',
  '99999999999999999999',
  'PT0S',
  'constructor',
  '__proto__',
  'http://schemas.dmtf.org/wbem/wscim/1/*',
  '\ud800',
  '\u0000',
);

/** A seed with some stretches cut out, doubled, or replaced. */
export function mutated(from: readonly string[]): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(60),
    kind: fc.constantFrom('cut', 'double', 'replace', 'insert'),
    scrap: fc.oneof({ arbitrary: scraps, weight: 4 }, fc.string({ maxLength: 8 })),
  });
  return fc
    .tuple(fc.constantFrom(...from), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([seed, edits]) =>
      edits.reduce((text, { at, length, kind, scrap }) => {
        const start = Math.floor(at * text.length);
        const end = Math.min(text.length, start + length);
        const piece = text.slice(start, end);
        const middle = { cut: '', double: piece + piece, replace: scrap, insert: piece + scrap }[kind]!;
        return text.slice(0, start) + middle + text.slice(end);
      }, seed),
    );
}

/** Texts that say something where they stand, or too much. */
const texts = fc.constantFrom(
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  '18446744073709551616',
  '9'.repeat(400),
  'x'.repeat(3000),
  'PT0S',
  '-P1D',
  'P999999999999Y',
  '2001-01-01T00:00:00Z',
  'INF',
  'TRUE',
  '1.5',
  '/',
  'http://',
  'toString',
  '__proto__',
  'root\\nwgate',
  'root/interop',
  'SELECT * FROM CIM_ManagedElement WHERE',
  "SELECT * FROM CIM_ManagedElement WHERE a = 'b' AND (NOT c LIKE '%')",
  'http://schemas.dmtf.org/wbem/wscim/1/*',
  'http://schemas.microsoft.com/wbem/wsman/1/wmi/',
  'http://schemas.microsoft.com/wbem/wsman/1/wmi/root/interop/CIM_ManagedElement',
  'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_Dependency',
  'http://schemas.dmtf.org/wbem/cim-xml/2/cim-schema/2/*',
  'http://schemas.xmlsoap.org/ws/2004/09/transfer/Put',
  'http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate',
  'http://www.w3.org/2005/08/addressing/anonymous',
);
const namespaces = fc.constantFrom(
  '',
  'urn:x',
  'http://www.w3.org/2003/05/soap-envelope',
  'http://schemas.xmlsoap.org/ws/2004/08/addressing',
  'http://www.w3.org/2005/08/addressing',
  'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd',
  'http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd',
  'http://schemas.xmlsoap.org/ws/2004/09/enumeration',
  'http://schemas.xmlsoap.org/ws/2004/08/eventing',
);
const NIL = { ns: 'http://www.w3.org/2001/XMLSchema-instance', local: 'nil', value: 'true' };
const MUST = { ns: 'http://www.w3.org/2003/05/soap-envelope', local: 'mustUnderstand', value: '1' };

type Change = (element: Element, donor: Element) => readonly Element['children'][number][];

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.constant<Change>(() => []),
  fc.constant<Change>((each) => [each, each]),
  fc.constant<Change>((each) => [{ ...each, children: [...each.children].reverse() }]),
  fc.constant<Change>((each) => [{ ...each, children: [] }]),
  fc.constant<Change>((each) => each.children),
  fc.constant<Change>((each) => [{ ...each, attributes: [] }]),
  fc.constant<Change>((each) => [{ ...each, children: [each] }]),
  fc.constant<Change>((_, donor) => [donor]),
  fc.constant<Change>((each, donor) => [{ ...each, children: [...each.children, donor] }]),
  fc.constantFrom(NIL, MUST).map(
    (extra): Change =>
      (each) => [
        { ...each, attributes: [...each.attributes.filter(({ local }) => local !== extra.local), extra] },
      ],
  ),
  namespaces.map(
    (ns): Change =>
      (each) => [{ ...each, ns }],
  ),
  fc.constantFrom('x', 'Selector', 'Filter', 'constructor').map(
    (local): Change =>
      (each) => [{ ...each, local }],
  ),
  texts.map(
    (text): Change =>
      (each) => [{ ...each, children: [text] }],
  ),
  texts.map(
    (value): Change =>
      (each) => [{ ...each, attributes: each.attributes.map((attribute) => ({ ...attribute, value })) }],
  ),
);

/** A seed with some of its elements dropped, doubled, renamed, moved, filled with something else. */
export function replanted(from: readonly string[]): fc.Arbitrary<string> {
  const trees = from.flatMap((seed) => {
    try {
      return [parseXml(seed)];
    } catch {
      return [];
    }
  });
  const pick = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  const edit = fc.record({ at: pick, donor: pick, change: changes });
  return fc
    .tuple(fc.constantFrom(...trees), fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([tree, edits]) =>
      serialise(
        edits.reduce((root, { at, donor, change }) => {
          const all = elementsBelow(root);
          const target = all[Math.floor(at * all.length)]!;
          const [first] = edited(root, target, (each) => change(each, all[Math.floor(donor * all.length)]!));
          return first !== undefined && isElement(first) ? first : root;
        }, tree),
      ),
    );
}

function elementsBelow(root: Element): readonly Element[] {
  return [root, ...root.children.filter(isElement).flatMap(elementsBelow)];
}

function edited(
  root: Element,
  target: Element,
  change: (element: Element) => readonly Element['children'][number][],
): readonly Element['children'][number][] {
  if (root === target) return change(root);
  const children = root.children.flatMap((node) => (isElement(node) ? edited(node, target, change) : [node]));
  return [{ ...root, children }];
}

/** A text as octets of some encoding, whole or cut off. */
export function sent(of: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> {
  const encodings: readonly ((text: string) => Buffer)[] = [
    (text) => Buffer.from(text),
    (text) => Buffer.from(text),
    (text) => Buffer.from(`\ufeff${text}`),
    (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
    (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
    (text) => Buffer.from(text, 'latin1'),
  ];
  const cut = fc.oneof({ arbitrary: fc.constant(1), weight: 9 }, fc.double({ min: 0, max: 1, noNaN: true }));
  return fc.tuple(of, fc.constantFrom(...encodings), cut).map(([text, encode, part]) => {
    const octets = encode(text);
    return octets.subarray(0, Math.ceil(part * octets.length));
  });
}
