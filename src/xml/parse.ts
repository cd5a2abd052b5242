/**
 * The gate every document passes: one strict streaming pass, no DTD, no entities of its own, bounded in every direction.
 * The only importer of saxes. What comes out is well-formed, namespace-resolved and safe to hand to anything else.
 */
import { type SaxesAttributeNS, SaxesParser } from 'saxes';
import { type Fault, NwgateError } from '../model/errors.js';
import type { Attribute, Element, Node } from './element.js';

export interface Limits {
  /** Octets of the document. */
  readonly size: number;
  readonly depth: number;
  /** Attributes of one element. */
  readonly attributes: number;
  /** Elements of the document. */
  readonly elements: number;
}

export const LIMITS: Limits = { size: 64 * 1024 * 1024, depth: 64, attributes: 64, elements: 2_000_000 };

interface Open {
  ns: string;
  local: string;
  attributes: Attribute[];
  children: Node[];
  at: { line: number; column: number };
}

/**
 * Reads a document. `source` names it in errors (a file name). Throws XML_MALFORMED, XML_FORBIDDEN or LIMIT with the place.
 */
export function parseXml(
  document: string | Uint8Array,
  options: { source?: string; limits?: Partial<Limits> } = {},
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
  const content = typeof document === 'string' ? document.replace(/^\ufeff/, '') : decodeXml(document, file);
  const parser = new SaxesParser({ xmlns: true, position: true });
  const stack: Open[] = [];
  const positions: { line: number; column: number }[] = [];
  let tagStart = { line: 1, column: 1 };
  const positionOf = positionsIn(content);
  // Where the last token of the open tag ended: its name or an attribute.
  let tokenEnd = 0;
  let root: Element | undefined;
  let count = 0;

  const here = () => ({ line: parser.line, column: parser.columnIndex + 1 });
  const stop = (code: Fault['code'], message: string): never => {
    throw new NwgateError({ code, message, where: { ...file, ...here() } });
  };

  parser.on('error', (error) => stop('XML_MALFORMED', error.message.replace(/^(.*?:)?\d+:\d+: /, '')));
  parser.on('doctype', () => stop('XML_FORBIDDEN', 'a DOCTYPE is not accepted'));
  parser.on('opentagstart', (tag) => {
    // The parser has read one character past the name.
    tokenEnd = parser.position - 1;
    tagStart = positionOf(tokenEnd - tag.name.length - 1);
    positions.length = 0;
    count += 1;
    if (count > limits.elements) stop('LIMIT', `more than ${limits.elements} elements`);
    if (stack.length >= limits.depth) stop('LIMIT', `elements nested deeper than ${limits.depth}`);
  });
  parser.on('attribute', () => {
    positions.push(positionOf(skipBlanks(content, tokenEnd)));
    tokenEnd = parser.position;
    if (positions.length > limits.attributes)
      stop('LIMIT', `more than ${limits.attributes} attributes in one element`);
  });
  parser.on('opentag', (tag) => {
    const attributes = Object.values(tag.attributes as Record<string, SaxesAttributeNS>).flatMap(
      (a, index) =>
        a.prefix === 'xmlns' || a.name === 'xmlns'
          ? []
          : [{ ns: a.uri, local: a.local, value: a.value, at: positions[index] ?? tagStart }],
    );
    stack.push({ ns: tag.uri, local: tag.local, attributes, children: [], at: tagStart });
  });
  const addText = (chunk: string) => {
    const parent = stack.at(-1);
    if (!parent) return;
    const last = parent.children.length - 1;
    const before = parent.children[last];
    if (typeof before === 'string') parent.children[last] = before + chunk;
    else parent.children.push(chunk);
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const done = stack.pop()!;
    const parent = stack.at(-1);
    if (parent) parent.children.push(done);
    else root = done;
  });

  parser.write(content).close();
  if (!root) throw new NwgateError({ code: 'XML_MALFORMED', message: 'the document is empty', where: file });
  return root;
}

/** Offsets → line and column, from 1; to be asked in ascending order. Lines end as XML has them: LF, CR LF, CR. */
function positionsIn(content: string): (offset: number) => { line: number; column: number } {
  let [at, line, lineStart] = [0, 1, 0];
  return (offset) => {
    for (; at < offset; at += 1) {
      const c = content[at];
      if (c === '\n' || (c === '\r' && content[at + 1] !== '\n')) {
        line += 1;
        lineStart = at + 1;
      }
    }
    return { line, column: offset - lineStart + 1 };
  };
}

function skipBlanks(content: string, from: number): number {
  let at = from;
  while (' \t\r\n'.includes(content[at] ?? 'x')) at += 1;
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
