/**
 * The gate every document passes: one strict streaming pass, no DTD, no entities of its own, bounded in every direction.
 * The only importer of saxes. What comes out is well-formed, namespace-resolved and safe to hand to anything else.
 */
import { type SaxesAttributeNS, SaxesParser } from 'saxes';
import { type Fault, NwgateError } from '../model/errors.js';
import { type Attribute, type Element, isElement, NONE, type Node, type Position } from './element.js';

export interface Limits {
  /** Octets of the document. */
  readonly size: number;
  readonly depth: number;
  /** Attributes of one element. */
  readonly attributes: number;
  /** Elements of the document. */
  readonly elements: number;
  /** Characters of the value of one attribute, and of one text. */
  readonly value: number;
  readonly text: number;
}

export const LIMITS: Limits = {
  size: 64 * 1024 * 1024,
  depth: 64,
  attributes: 64,
  elements: 2_000_000,
  value: 64 * 1024,
  // A document may stand in a document.
  text: 8 * 1024 * 1024,
};

interface Open {
  readonly ns: string;
  readonly local: string;
  readonly attributes: readonly Attribute[];
  children: Node[];
  readonly at?: Position;
}

/** What saxes has against a document. */
class Malformed extends Error {}

/**
 * Reports faults by its own method, as the handlers are counted: with a seventh V8 keeps the parser as a dictionary, and it
 * becomes five times slower (docs/performance.md).
 */
class StrictParser extends SaxesParser<{ xmlns: true }> {
  override fail(message: string): this {
    throw new Malformed(message);
  }
}

/**
 * Reads a document. `source` names it in errors (a file name). `plain` leaves out where things stand, and the blanks between
 * elements: for what a program wrote, in half the time and memory. Throws XML_MALFORMED, XML_FORBIDDEN or LIMIT with the place.
 */
export function parseXml(
  document: string | Uint8Array,
  options: { source?: string; limits?: Partial<Limits>; plain?: boolean } = {},
): Element {
  const limits = { ...LIMITS, ...options.limits };
  const size = typeof document === 'string' ? document.length : document.byteLength;
  const file = options.source === undefined ? {} : { file: options.source };
  if (size > limits.size) {
    throw new NwgateError({
      code: 'LIMIT',
      message: `the document has ${size} octets, more than ${limits.size}`,
      where: file,
    });
  }
  const text = typeof document === 'string' ? document : decodeXml(document, file);
  const content = text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  const parser = new StrictParser({ xmlns: true });
  const stop = (code: Fault['code'], message: string): never => {
    const here = { line: parser.line, column: parser.columnIndex + 1 };
    throw new NwgateError({ code, message, where: { ...file, ...here } });
  };
  const tree = treeIn(content, parser, limits, options.plain ?? false, stop);
  try {
    parser.write(content).close();
  } catch (error) {
    if (error instanceof Malformed) stop('XML_MALFORMED', error.message);
    // What saxes makes of half a surrogate pair in a declaration.
    if (error instanceof RangeError) stop('XML_MALFORMED', 'disallowed character.');
    throw error;
  }
  const root = tree();
  if (!root) throw new NwgateError({ code: 'XML_MALFORMED', message: 'the document is empty', where: file });
  return root;
}

const BYTE_ORDER_MARK = 0xfeff;

/** Makes the tree of what the parser says; answers the root once all is said. */
function treeIn(
  content: string,
  parser: StrictParser,
  limits: Limits,
  plain: boolean,
  stop: (code: Fault['code'], message: string) => never,
): () => Element | undefined {
  const stack: Open[] = [];
  const positionOf = positionsIn(content);
  /** Of the tag that is open: its attributes as they were written, where it and they stand, and where the last one ended. */
  const names: string[] = [];
  const positions: Position[] = [];
  let tagStart: Position = { line: 1, column: 1 };
  let tokenEnd = 0;
  let root: Element | undefined;
  let count = 0;
  /** A name is held once: the document has it thousands of times. */
  const known = new Map<string, string>();
  const shared = (name: string) => {
    const before = known.get(name);
    if (before === undefined) known.set(name, name);
    return before ?? name;
  };

  /** No `<` can stand within a tag. */
  const startTag = () => {
    const start = content.lastIndexOf('<', parser.position - 1);
    tagStart = positionOf(start);
    return start;
  };
  parser.on('attribute', ({ name, value }) => {
    if (!plain) {
      if (names.length === 0) tokenEnd = nameEnd(content, startTag() + 1);
      positions.push(positionOf(skipBlanks(content, tokenEnd)));
      tokenEnd = parser.position;
    }
    names.push(name);
    if (names.length > limits.attributes)
      stop('LIMIT', `more than ${limits.attributes} attributes in one element`);
    if (value.length > limits.value) stop('LIMIT', `an attribute with more than ${limits.value} characters`);
  });
  parser.on('opentag', (tag) => {
    count += 1;
    if (count > limits.elements) stop('LIMIT', `more than ${limits.elements} elements`);
    if (stack.length >= limits.depth) stop('LIMIT', `elements nested deeper than ${limits.depth}`);
    let attributes = NONE;
    if (names.length === 0) {
      if (!plain) startTag();
    } else {
      attributes = attributesOf(tag.attributes, names, positions);
      names.length = 0;
      positions.length = 0;
    }
    const { uri: ns } = tag;
    const local = shared(tag.local);
    stack.push(
      plain ? { ns, local, attributes, children: [] } : { ns, local, attributes, children: [], at: tagStart },
    );
  });
  const addText = (chunk: string) => {
    const parent = stack.at(-1);
    if (!parent) return;
    const last = parent.children.length - 1;
    const before = parent.children[last];
    const isMore = typeof before === 'string';
    const text = isMore ? before + chunk : chunk;
    if (text.length > limits.text) stop('LIMIT', `a text with more than ${limits.text} characters`);
    if (isMore) parent.children[last] = text;
    else parent.children.push(text);
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const done = stack.pop()!;
    // A copy: what grew by pushing has room for sixteen, in most elements for one.
    done.children = plain ? withoutBlanks(done.children) : done.children.slice();
    const parent = stack.at(-1);
    if (parent) parent.children.push(done);
    else root = done;
  });
  parser.on('doctype', () => stop('XML_FORBIDDEN', 'a DOCTYPE is not accepted'));
  return () => root;
}

/** Blanks between elements are none; of text alone every character counts. */
function withoutBlanks(children: readonly Node[]): Node[] {
  if (!children.some(isElement)) return children.slice();
  return children.filter((node) => isElement(node) || node.trim() !== '').slice();
}

/** Without the declarations of namespaces. */
function attributesOf(
  found: Readonly<Record<string, SaxesAttributeNS>>,
  names: readonly string[],
  positions: readonly Position[],
): readonly Attribute[] {
  const list: Attribute[] = [];
  for (const [index, name] of names.entries()) {
    const { prefix, uri, local, value } = found[name]!;
    if (prefix === 'xmlns' || name === 'xmlns') continue;
    const at = positions[index];
    list.push(at ? { ns: uri, local, value, at } : { ns: uri, local, value });
  }
  return list.length === 0 ? NONE : list.slice();
}

/** Offsets → line and column, from 1; to be asked in ascending order. Lines end as XML has them: LF, CR LF, CR. */
function positionsIn(content: string): (offset: number) => Position {
  const ends = /\r\n?|\n/g;
  const nextStart = () => (ends.test(content) ? ends.lastIndex : Number.POSITIVE_INFINITY);
  let [line, lineStart, next] = [1, 0, nextStart()];
  return (offset) => {
    for (; offset >= next; next = nextStart()) {
      line += 1;
      lineStart = next;
    }
    return { line, column: offset - lineStart + 1 };
  };
}

const BLANK = ' \t\r\n';

function skipBlanks(content: string, from: number): number {
  let at = from;
  while (BLANK.includes(content[at] ?? 'x')) at += 1;
  return at;
}

/** Behind the name of a tag that has attributes. */
function nameEnd(content: string, from: number): number {
  let at = from;
  while (!BLANK.includes(content[at] ?? ' ')) at += 1;
  return at;
}

/** Decodes by byte order mark, then by the XML declaration, else as UTF-8; anything doubtful is refused: XML_FORBIDDEN. */
export function decodeXml(octets: Uint8Array, file: { file?: string }): string {
  const label = encodingOf(octets);
  try {
    return new TextDecoder(label, { fatal: true }).decode(octets);
  } catch (cause) {
    const message =
      cause instanceof RangeError
        ? `the encoding ${label} is not read`
        : `the document is not valid ${label}`;
    throw new NwgateError(
      { code: 'XML_FORBIDDEN', message, where: { ...file, line: 1, column: 1 } },
      { cause },
    );
  }
}

function encodingOf(octets: Uint8Array): string {
  if (octets[0] === 0xfe && octets[1] === 0xff) return 'utf-16be';
  if (octets[0] === 0xff && octets[1] === 0xfe) return 'utf-16le';
  if (octets[0] === 0 && octets[1] === 0x3c) return 'utf-16be';
  if (octets[0] === 0x3c && octets[1] === 0) return 'utf-16le';
  const head = Buffer.from(octets.subarray(0, 128)).toString('latin1');
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/
    .exec(head)?.[1]
    ?.toLowerCase();
  // A declaration readable as ASCII cannot be UTF-16, whatever it says.
  if (declared === undefined || declared.startsWith('utf-16')) return 'utf-8';
  return ['utf-8', 'us-ascii', 'ascii', 'iso-8859-1', 'latin1'].includes(declared)
    ? declared
    : `x-refused-${declared}`;
}
