import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Element, el, isElement, type Node } from '../../src/xml/element.js';
import { parseXml } from '../../src/xml/parse.js';
import { serialise, XML_NS } from '../../src/xml/serialise.js';

/** Without positions. */
function bare(element: Element): Element {
  return {
    ns: element.ns,
    local: element.local,
    attributes: element.attributes.map(({ ns, local, value }) => ({ ns, local, value })),
    children: element.children.map((node) => (isElement(node) ? bare(node) : node)),
  };
}

describe('escaping', () => {
  it('text', () => {
    expect(serialise(el('', 'a', {}, 'x & <y> ]]> "q" \r\n\t'))).toBe(
      '<a>x &amp; &lt;y&gt; ]]&gt; "q" &#13;\n\t</a>',
    );
  });

  it('attributes', () => {
    expect(serialise(el('', 'a', { b: '<&>"\'\t\n\r' }))).toBe(
      '<a b="&lt;&amp;&gt;&quot;\'&#9;&#10;&#13;"/>',
    );
  });
});

describe('what XML cannot carry', () => {
  it.each(['\0', '\x07', '\x0b', '\x1f', '\ufffe', '\uffff'])('is refused: %j', (character) => {
    for (const element of [el('', 'a', {}, `b${character}c`), el('', 'a', { b: character })])
      expect(() => serialise(element)).toThrow(
        expect.objectContaining({ code: 'CHARACTER', message: expect.stringMatching(/U\+[0-9A-F]{4}$/) }),
      );
  });
});

describe('namespaces', () => {
  const tree: Element = {
    ...el('u', 'a', { x: '1' }, el('', 'b'), el('v', 'c')),
    attributes: [
      { ns: 'v', local: 'x', value: '2' },
      { ns: XML_NS, local: 'lang', value: 'en' },
    ],
  };

  it('get prefixes of their own, declared on the root', () => {
    expect(serialise(tree)).toBe(
      '<ns1:a xmlns:ns1="u" xmlns:ns2="v" ns2:x="2" xml:lang="en"><b/><ns2:c/></ns1:a>',
    );
  });

  it('take the prefixes wished for, and declare more when asked', () => {
    expect(serialise(tree, { prefixes: { u: 'p', v: 'q', w: 'r' }, declare: ['w'] })).toBe(
      '<p:a xmlns:r="w" xmlns:p="u" xmlns:q="v" q:x="2" xml:lang="en"><b/><q:c/></p:a>',
    );
  });

  it('may be the default one', () => {
    expect(serialise(el('u', 'a', {}, el('u', 'b')), { prefixes: { u: '' } })).toBe('<a xmlns="u"><b/></a>');
  });
});

describe('pretty', () => {
  it('indents elements, never text', () => {
    const tree = el(
      '',
      'a',
      {},
      el('', 'b', {}, el('', 'c')),
      el('', 'd', {}, 'x', el('', 'e')),
      el('', 'f'),
    );
    expect(serialise(tree, { pretty: true })).toBe(
      '<a>\n  <b>\n    <c/>\n  </b>\n  <d>x<e/></d>\n  <f/>\n</a>',
    );
  });
});

describe('what is written', () => {
  const name = fc.constantFrom('a', 'b', 'ä', '_x-1.y', 'xml-ish');
  const ns = fc.constantFrom('', 'u', 'urn:v', 'a&b"<');
  const character = fc.oneof(
    fc.constantFrom(...'<>&"\'\t\n\r ]-?\u00a0\u{1f512}\u2028'),
    fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
  );
  const content = fc
    .array(character, { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join(''))
    .filter((text) => /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u.test(text));
  const attributes = fc.uniqueArray(fc.record({ ns, local: name, value: content }), {
    maxLength: 4,
    selector: (a) => `${a.ns} ${a.local}`,
  });
  const { tree } = fc.letrec<{ tree: Element; node: Node }>((tie) => ({
    node: fc.oneof({ depthSize: 'small' }, content, tie('tree')),
    tree: fc
      .record({ ns, local: name, attributes, children: fc.array(tie('node'), { maxLength: 4 }) })
      .map((element) => ({ ...element, children: joined(element.children) })),
  }));

  it('is read as the same tree', () => {
    fc.assert(
      fc.property(tree, (element) => {
        expect(bare(parseXml(serialise(element)))).toEqual(element);
      }),
    );
  });
});

/** Neighbouring texts are one. */
function joined(nodes: readonly Node[]): readonly Node[] {
  return nodes.reduce<Node[]>((list, node) => {
    const last = list.at(-1);
    if (typeof node === 'string' && typeof last === 'string') list[list.length - 1] = last + node;
    else list.push(node);
    return list;
  }, []);
}
