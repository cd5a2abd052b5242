/**
 * What runs in the worker thread of the built-in engine. `serveTransforms` is handed over as text (builtin.ts), so that it
 * runs from src/ as from dist/: it may use nothing of this file but types, and gets everything else as a parameter.
 */
import type { MessagePort } from 'node:worker_threads';
import type { XNode, XsltOptions } from 'xslt-processor';
import type { Element } from '../xml/element.js';

/** `document` goes through `sheet` (a key of the sheets handed over at the start). */
export interface Job {
  readonly id: number;
  readonly sheet: string;
  readonly document: Element;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The result with the prefixes of the stylesheet, or why there is none. */
export interface Done {
  readonly id: number;
  readonly result?: Tree;
  readonly error?: string;
}

/** An element as the engine has it: prefixed names, which mean what the stylesheet's root declares. */
export interface Tree {
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly children: readonly (Tree | string)[];
}

/**
 * Trees are built and read here, node by node: the engine's own parser and serialiser alter characters. Each stylesheet is
 * parsed once; jobs run one after the other, as the engine keeps state.
 */
export function serveTransforms(
  library: typeof import('xslt-processor'),
  sheets: Readonly<Record<string, string>>,
  port: MessagePort,
): void {
  const { Xslt, XmlParser, XDocument, XNode: Node } = library;
  const ELEMENT = 1;
  const ATTRIBUTE = 2;
  const TEXT = 3;
  const parsed = new Map<string, InstanceType<typeof XDocument>>();

  const sheetOf = (name: string) => {
    const found = parsed.get(name) ?? new XmlParser().xmlParse(sheets[name]!);
    parsed.set(name, found);
    return found;
  };

  const append = (parent: XNode, node: XNode) => {
    node.siblingPosition = parent.childNodes.length;
    parent.appendChild(node);
  };

  const build = (element: Element, owner: InstanceType<typeof XDocument>): XNode => {
    const qualified = (ns: string, local: string) => (ns === '' ? local : `n:${local}`);
    const node = Node.create(ELEMENT, qualified(element.ns, element.local), null, owner, element.ns || null);
    for (const a of element.attributes)
      append(node, Node.create(ATTRIBUTE, qualified(a.ns, a.local), a.value, node, a.ns || null));
    for (const child of element.children) {
      const isText = typeof child === 'string';
      append(node, isText ? Node.create(TEXT, '#text', child, owner) : build(child, owner));
    }
    return node;
  };

  const read = (node: XNode): Tree => ({
    name: node.nodeName,
    attributes: node.childNodes
      .filter((child) => child.nodeType === ATTRIBUTE && !/^xmlns(:|$)/.test(child.nodeName))
      .map((child) => [child.nodeName, String(child.nodeValue)] as const),
    children: node.childNodes
      .filter((child) => child.nodeType === ELEMENT || child.nodeType === TEXT)
      .map((child) => (child.nodeType === ELEMENT ? read(child) : String(child.nodeValue))),
  });

  const transform = async ({ sheet, document, parameters }: Job): Promise<Tree> => {
    const options: Partial<XsltOptions> = {
      escape: true,
      selfClosingTags: true,
      cData: true,
      outputMethod: 'xml',
      parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })),
    };
    const input = new XDocument();
    append(input, build(document, input));
    const output = await new Xslt(options).xsltProcessToDocument(input, sheetOf(sheet));
    const root = output.childNodes.find((child) => child.nodeType === ELEMENT);
    if (!root) throw new Error('no root element came out');
    return read(root);
  };

  let before: Promise<void> = Promise.resolve();
  port.on('message', (job: Job) => {
    before = before
      .then(() => transform(job))
      .then(
        (result) => port.postMessage({ id: job.id, result } satisfies Done),
        (error: unknown) =>
          port.postMessage({
            id: job.id,
            error: error instanceof Error ? error.message : String(error),
          } satisfies Done),
      );
  });
}
