/** The native `<filter>` document → Filter, row by row, with every fault of the document at once. */
import { chainPriority } from '../model/chains.js';
import { throwIfAny } from '../model/errors.js';
import { type Entry, type Filter, type FilterRef, inNameOrder, type Parameter } from '../model/filter.js';
import { printable } from '../model/names.js';
import { attribute, type Element } from './element.js';
import {
  once,
  placeOf,
  type Reading,
  readChildren,
  readText,
  readWords,
  report,
  trimmed,
  within,
} from './faults.js';
import { parseXml } from './parse.js';
import { readRule } from './rule-read.js';
import { FILTER_WORDS, FILTERREF_WORDS, NWG_NS, PARAMETER_WORDS, REVISION, UUID } from './vocabulary.js';

/** How a document names itself in errors. */
export interface ReadOptions {
  /** A file name. */
  readonly source?: string | undefined;
}

/**
 * Reads a filter. Rules get the ids that the document carries, else ''. Without `<uuid>` the filter has none. Throws one
 * NwgateError with all faults: SCHEMA, VALUE and NAME with line, column, filter, rule and attribute; and what `parseXml`
 * throws. Stricter than libvirt where libvirt passes over or changes what was written (docs/filters.md).
 */
export function readFilter(document: string | Uint8Array | Element, options: ReadOptions = {}): Filter {
  const { root, reading: start } = open(document, options, 'filter');
  const raw = attribute(root, 'name');
  const reading = within(start, raw === undefined ? {} : { filter: printable(raw) });
  const words = readWords(root, FILTER_WORDS, reading);
  const chain = words.get('chain') ?? 'root';

  let uuid: string | undefined;
  let rules = 0;
  const entries: Entry[] = [];
  const ids = new Set<string>();
  readChildren(
    root,
    {
      uuid: once(reading, (element) => {
        uuid = readText(element, UUID, reading);
      }),
      rule: (element) => {
        rules += 1;
        const inRule = within(reading, { rule: rules });
        const rule = readRule(element, inRule);
        if (rule.id !== '' && ids.has(rule.id))
          report(inRule, 'VALUE', `the id ${rule.id} is given twice in one filter`, element.at, 'id');
        ids.add(rule.id);
        entries.push(rule);
      },
      filterref: (element) => entries.push(readReference(element, reading)),
    },
    reading,
  );
  throwIfAny(reading.faults);
  const priority = words.get('priority');
  return {
    name: words.get('name')!,
    uuid,
    chain,
    priority: priority === undefined ? chainPriority(chain) : Number(priority),
    entries,
  };
}

/** The revision a stored document carries on its root; undefined when it carries none that can be read. */
export function storedRevision(root: Element): number | undefined {
  const text = attribute(root, REVISION.name, NWG_NS);
  const canonical = text === undefined ? undefined : REVISION.type.parse(text);
  return canonical === undefined ? undefined : Number(canonical);
}

/** `<filterref>` with its parameters, in canonical order. Also part of a binding. */
export function readReference(element: Element, reading: Reading): FilterRef {
  const words = readWords(element, FILTERREF_WORDS, reading);
  const parameters: Parameter[] = [];
  const parameter = (child: Element) => {
    const { name, value } = Object.fromEntries(readWords(child, PARAMETER_WORDS, reading));
    readChildren(child, {}, reading);
    if (name !== undefined && value !== undefined) parameters.push({ name, value });
  };
  readChildren(element, { parameter }, reading);
  return {
    kind: 'filterref',
    filter: words.get('filter') ?? '',
    parameters: inNameOrder(parameters),
    place: placeOf(reading, element.at),
  };
}

/** The root of a document, which must be `<name>`. Throws SCHEMA when it is another. */
export function open(
  document: string | Uint8Array | Element,
  { source }: ReadOptions,
  name: string,
): { root: Element; reading: Reading } {
  const place = source === undefined ? {} : { file: source };
  const isText = typeof document === 'string' || document instanceof Uint8Array;
  const root = isText ? parseXml(document, source === undefined ? {} : { source }) : document;
  const reading: Reading = { faults: [], place };
  if (root.ns !== '' || root.local !== name) {
    const found =
      root.ns === '' ? `<${root.local}>` : `<${root.local}> of the namespace ${printable(root.ns)}`;
    report(reading, 'SCHEMA', `the document must be a <${name}>, not ${trimmed(found)}`, root.at);
    throwIfAny(reading.faults);
  }
  return { root, reading };
}
