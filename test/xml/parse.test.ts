/** The gate: what it refuses, with what code and place, and what comes out. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, NwgateError, type Place } from '../../src/model/errors.js';
import { attribute, childText, elements, text } from '../../src/xml/element.js';
import { type Limits, parseXml } from '../../src/xml/parse.js';

function refusal(
  document: string | Uint8Array,
  limits: Partial<Limits> = {},
): { code: ErrorCode; message: string; where: Place | undefined } | undefined {
  try {
    parseXml(document, { source: 'd.xml', limits });
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    const [fault] = error.faults;
    return { code: error.code, message: fault!.message, where: fault!.where };
  }
  return undefined;
}

describe('refuses', () => {
  it.each<[string, string, ErrorCode]>([
    ['a DOCTYPE', '<!DOCTYPE a><a/>', 'XML_FORBIDDEN'],
    ['a DOCTYPE with a system id', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'XML_FORBIDDEN'],
    ['an entity bomb', '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>', 'XML_FORBIDDEN'],
    ['an entity of its own', '<a>&b;</a>', 'XML_MALFORMED'],
    ['an HTML entity', '<a>&nbsp;</a>', 'XML_MALFORMED'],
    ['a forbidden character by reference', '<a>&#0;</a>', 'XML_MALFORMED'],
    ['a forbidden character', '<a>\u0001</a>', 'XML_MALFORMED'],
    ['a tag left open', '<a><b></a>', 'XML_MALFORMED'],
    ['nothing', '', 'XML_MALFORMED'],
    ['white space', ' \n', 'XML_MALFORMED'],
    ['text', 'a', 'XML_MALFORMED'],
    ['two roots', '<a/><b/>', 'XML_MALFORMED'],
    ['text after the root', '<a/>b', 'XML_MALFORMED'],
    ['one attribute twice', '<a b="1" b="2"/>', 'XML_MALFORMED'],
    ['one attribute twice by namespace', '<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>', 'XML_MALFORMED'],
    ['a prefix that nobody declared', '<p:a/>', 'XML_MALFORMED'],
    ['an attribute without quotes', '<a b=c/>', 'XML_MALFORMED'],
    ['a < in an attribute', '<a b="<"/>', 'XML_MALFORMED'],
    ['a -- in a comment', '<a><!-- -- --></a>', 'XML_MALFORMED'],
  ])('%s', (_name, document, code) => {
    expect(refusal(document)?.code).toBe(code);
  });

  it('with the place of the fault', () => {
    expect(refusal('<a>\n  <b></c>\n</a>')).toEqual({
      code: 'XML_MALFORMED',
      message: expect.stringContaining('unexpected close tag'),
      where: { file: 'd.xml', line: 2, column: 10 },
    });
    expect(refusal('<?xml version="1.0"?>\n<!DOCTYPE a>\n<a/>')?.where?.line).toBe(2);
  });
});

describe('keeps bounds', () => {
  const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  const withAttributes = (count: number) =>
    `<a${Array.from({ length: count }, (_, i) => ` b${i}=""`).join('')}/>`;

  it.each<[string, string, Partial<Limits>]>([
    ['depth', nested(65), {}],
    ['attributes', withAttributes(65), {}],
    ['elements', `<a>${'<b/>'.repeat(10)}</a>`, { elements: 10 }],
    ['size', '<a>12345678</a>', { size: 14 }],
    ['the value of an attribute', '<a b="12345"/>', { value: 4 }],
    ['a text', '<a>12345</a>', { text: 4 }],
    ['a text in pieces', '<a>12<![CDATA[34]]>5</a>', { text: 4 }],
    ['a value, by itself', `<a b="${'x'.repeat(65_537)}"/>`, {}],
    ['a text, by itself', `<a>${'x'.repeat(8 * 1024 * 1024 + 1)}</a>`, {}],
  ])('of %s', (_name, document, limits) => {
    expect(refusal(document, limits)?.code).toBe('LIMIT');
  });

  it.each<[string, string, Partial<Limits>]>([
    ['depth', nested(64), {}],
    ['attributes', withAttributes(64), {}],
    ['elements', `<a>${'<b/>'.repeat(10)}</a>`, { elements: 11 }],
    ['size', '<a>12345678</a>', { size: 15 }],
    ['the value of an attribute', '<a b="1234"/>', { value: 4 }],
    ['a text in pieces', '<a>12<![CDATA[34]]></a>', { text: 4 }],
  ])('of %s, and no sooner', (_name, document, limits) => {
    expect(refusal(document, limits)).toBeUndefined();
  });

  it('on size before it reads', () => {
    expect(refusal(new Uint8Array(11), { size: 10 })?.code).toBe('LIMIT');
  });
});

describe('encodings', () => {
  const utf16 = (document: string, order: 'le' | 'be', mark: boolean) => {
    const octets = Buffer.from((mark ? '\ufeff' : '') + document, 'utf16le');
    return order === 'le' ? octets : octets.swap16();
  };
  const latin1 = (document: string) => Buffer.from(document, 'latin1');
  const utf8 = (document: string) => Buffer.from(document, 'utf8');

  it.each<[string, Uint8Array]>([
    ['UTF-8', utf8('<a>ä漢</a>')],
    ['UTF-8 with a mark', utf8('\ufeff<a>ä漢</a>')],
    ['UTF-8 declared', utf8('<?xml version="1.0" encoding="UTF-8"?><a>ä漢</a>')],
    ['UTF-16 LE with a mark', utf16('<a>ä漢</a>', 'le', true)],
    ['UTF-16 BE with a mark', utf16('<a>ä漢</a>', 'be', true)],
    ['UTF-16 LE without', utf16('<a>ä漢</a>', 'le', false)],
    ['UTF-16 BE without', utf16('<?xml version="1.0" encoding="UTF-16"?><a>ä漢</a>', 'be', false)],
  ])('%s', (_name, document) => {
    expect(text(parseXml(document))).toBe('ä漢');
  });

  it('a string, with or without a mark', () => {
    expect(text(parseXml('\ufeff<a>ä</a>'))).toBe('ä');
  });

  it('ISO-8859-1 when declared', () => {
    expect(text(parseXml(latin1('<?xml version="1.0" encoding="ISO-8859-1"?><a>ä</a>')))).toBe('ä');
  });

  it.each<[string, Uint8Array]>([
    ['Latin-1 undeclared', latin1('<a>ä</a>')],
    ['an overlong UTF-8 form', Uint8Array.from([0x3c, 0x61, 0x3e, 0xc0, 0xbc, 0x3c, 0x2f, 0x61, 0x3e])],
    ['half a UTF-16 unit', utf16('<a/>', 'le', true).subarray(0, 9)],
    ['UTF-7', latin1('<?xml version="1.0" encoding="UTF-7"?><a>+ADw-</a>')],
    ['EBCDIC', latin1('<?xml version="1.0" encoding="IBM037"?><a/>')],
    ['a name made up', latin1('<?xml version="1.0" encoding="x"?><a/>')],
  ])('%s is refused', (_name, document) => {
    expect(refusal(document)?.code).toBe('XML_FORBIDDEN');
  });
});

describe('positions', () => {
  it('of elements and attributes, whatever stands between them', () => {
    const root = parseXml(
      '<?xml version="1.0"?>\r\n<a\n  b = "&quot;x"\tc=\'1\'\r  xmlns:p="u" p:d=""><!-- \n --><e\n/>ä<f g="\n"  h="2"/></a>',
    );
    const at = (line: number, column: number) => ({ line, column });
    expect(root.at).toEqual(at(2, 1));
    expect(root.attributes.map((a) => [a.local, a.at])).toEqual([
      ['b', at(3, 3)],
      ['c', at(3, 17)],
      ['d', at(4, 15)],
    ]);
    const [e, f] = elements(root);
    expect(e?.at).toEqual(at(5, 5));
    expect(f?.at).toEqual(at(6, 4));
    expect(f?.attributes.map((a) => a.at)).toEqual([at(6, 7), at(7, 4)]);
  });
});

describe('what comes out', () => {
  it('names by namespace, not by prefix', () => {
    const root = parseXml('<p:a xmlns:p="u" xmlns="v" p:x="1" x="2"><b xmlns=""/><c/></p:a>');
    expect([root.ns, root.local]).toEqual(['u', 'a']);
    expect(elements(root).map(({ ns, local }) => [ns, local])).toEqual([
      ['', 'b'],
      ['v', 'c'],
    ]);
    expect([attribute(root, 'x'), attribute(root, 'x', 'u'), attribute(root, 'x', 'v')]).toEqual([
      '2',
      '1',
      undefined,
    ]);
    expect(root.attributes.map(({ local }) => local)).toEqual(['x', 'x']);
  });

  it('text joined over CDATA, comments and instructions; line ends as LF', () => {
    const root = parseXml('<a>1<![CDATA[<2>]]>3<!-- x -->4<?p i?>5\r\n6\r7&#13;</a>');
    expect(root.children).toEqual(['1<2>345\n6\n7\r']);
  });

  it('attributes with white space made blank, but for what is written as references', () => {
    expect(attribute(parseXml('<a b="x\n\ty&#10;&lt;&amp;&apos;"/>'), 'b')).toBe("x  y\n<&'");
  });

  it('child text, trimmed', () => {
    expect(childText(parseXml('<a><b> 1 <c>2</c></b></a>'), '', 'b')).toBe('1 2');
  });

  it('for any text: a tree or a refusal, nothing else', () => {
    const pieces = fc.constantFrom(
      '<a',
      '<a>',
      '</a>',
      '/>',
      '>',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '&amp;',
      '&#x0;',
      ' b="',
      '"',
      'x',
      '<?xml ',
      '?>',
      '<!DOCTYPE',
      '\ud800',
      ':',
      ' xmlns:p="u"',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const refused = refusal(parts.join(''));
        expect(refused === undefined || refused.code.startsWith('XML_')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
