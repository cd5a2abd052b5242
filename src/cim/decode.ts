/**
 * WS-CIM and neutral elements → instances. One liberal reader for both: it takes octets or written addresses, numbers or
 * words. Source: DSP0230 §7–8; docs/cim.md, "What is accepted". Every fault of the input is found before any is thrown.
 */
import { type Fault, NwgateError, throwIfAny } from '../model/errors.js';
import { printable } from '../model/names.js';
import { type Element, elements, text } from '../xml/element.js';
import { serialise } from '../xml/serialise.js';
import type { CimValue, Instance, Scalar } from './instance.js';
import { type IpVersion, parseOctets } from './octets.js';
import { readReference } from './path.js';
import type { ClassRow, MethodRow, PropertyRow } from './rows.js';
import { type Parsed, parseScalar } from './scalars.js';
import { classOfUri, findProperty, lineage } from './schema.js';
import { wordsToBits, wordsToNumbers } from './words.js';

export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** Class of an instance element by its namespace; undefined when it is none. */
export function classOfElement(element: Element): ClassRow | undefined {
  const row = classOfUri(element.ns);
  return row && row.name.toLowerCase() === element.local.toLowerCase() ? row : undefined;
}

/** One instance. Errors: CLASS_NOT_FOUND, CIM_PROPERTY (unknown properties and bad values, all of them). */
export function decodeInstance(element: Element): Instance {
  return decodeInstances([element])[0]!;
}

/** As `decodeInstance`, with the faults of all elements at once. */
export function decodeInstances(list: readonly Element[]): readonly Instance[] {
  return decodeEach(list, (instance) => instance);
}

/** What `use` makes of each instance, of which one at a time is held: a policy has tens of thousands. Errors: as `decodeInstances`. */
export function decodeEach<T>(
  list: readonly Element[],
  use: (instance: Instance, element: Element) => T,
): readonly T[] {
  const faults: Fault[] = [];
  const made: T[] = [];
  for (const element of list) {
    const row = classOfElement(element);
    if (!row) {
      const message = `"${printable(element.local)}" in "${printable(element.ns)}" is no class`;
      faults.push({ code: 'CLASS_NOT_FOUND', message, where: element.at ?? {} });
      continue;
    }
    const properties = readInstance(row, element, faults);
    if (faults.length === 0) made.push(use({ className: row.name, properties }, element));
  }
  throwIfAny(faults);
  return made;
}

/** In parameters of `<Method_INPUT>`. Errors: CIM_PARAMETER (unknown, ill-typed). What is missing is seen at the call. */
export function decodeParameters(
  method: MethodRow,
  input: Element | undefined,
): ReadonlyMap<string, CimValue> {
  const faults: Fault[] = [];
  const find = (name: string) => method.input.find((row) => row.name.toLowerCase() === name.toLowerCase());
  const read: Reading = { code: 'CIM_PARAMETER', owner: method.name, version: undefined, faults };
  const values = input ? readProperties(input, find, read) : new Map<string, CimValue>();
  throwIfAny(faults);
  return values;
}

function readInstance(row: ClassRow, element: Element, faults: Fault[]): ReadonlyMap<string, CimValue> {
  const family = new Set(lineage(row));
  const find = (name: string, child: Element) => {
    const home = child.ns === element.ns ? row : classOfUri(child.ns);
    return home && family.has(home) ? findProperty(row, name) : undefined;
  };
  const read: Reading = { code: 'CIM_PROPERTY', owner: row.name, version: ipVersion(row, element), faults };
  return readProperties(element, find, read);
}

interface Reading {
  readonly code: 'CIM_PROPERTY' | 'CIM_PARAMETER';
  /** Class or method, for messages. */
  readonly owner: string;
  readonly version: IpVersion;
  readonly faults: Fault[];
}

function readProperties(
  parent: Element,
  find: (name: string, child: Element) => PropertyRow | undefined,
  reading: Reading,
): Map<string, CimValue> {
  const groups = new Map<PropertyRow, Element[]>();
  for (const child of elements(parent)) {
    if (isNil(child)) continue;
    const row = find(child.local, child);
    if (row) {
      const group = groups.get(row);
      if (group) group.push(child);
      else groups.set(row, [child]);
    } else report(reading, child, child.local, `${reading.owner} has no ${printable(child.local)}`);
  }
  const values = new Map<string, CimValue>();
  for (const [row, found] of groups) {
    const value = readValue(row, found, reading);
    if (value !== undefined) values.set(row.name, value);
  }
  return values;
}

function readValue(row: PropertyRow, found: readonly Element[], reading: Reading): CimValue | undefined {
  const first = found[0]!;
  const texts = found.map((element) => written(row, element, reading));
  if (row.octets) return keep(parseOctets(row.octets, texts, reading.version), row, first, reading);
  if (!row.array && found.length > 1) {
    report(reading, found[1]!, row.name, `${row.name} is there ${found.length} times, and is no array`);
    return undefined;
  }
  if (row.type === 'reference') return readPath(row, first, reading);
  const words = texts.length === 1 ? readWords(row, texts[0]!) : undefined;
  if (words !== undefined) return words;
  const values = found.map((element, index) => keep(parseScalar(row, texts[index]!), row, element, reading));
  if (!row.array) return values[0];
  return values.filter((value): value is Scalar => value !== undefined);
}

/** Text of a value. A document handed over as a parameter may stand there as elements: clients exist that do not escape. */
function written(row: PropertyRow, element: Element, { code }: Reading): string {
  const inside = code === 'CIM_PARAMETER' && row.type === 'string' ? elements(element) : [];
  return inside.length === 0 ? text(element) : inside.map((node) => serialise(node)).join('');
}

/** Neutral form's words, where the property has some and the text is no number. */
function readWords(row: PropertyRow, words: string): CimValue | undefined {
  if (/^\s*[+-]?\d/.test(words)) return undefined;
  return row.bits ? wordsToBits(row.bits, words) : row.words ? wordsToNumbers(row, words) : undefined;
}

function readPath(row: PropertyRow, element: Element, reading: Reading): CimValue | undefined {
  try {
    return readReference(element);
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    report(reading, element, row.name, error.faults.map(({ message }) => message).join('; '));
    return undefined;
  }
}

function keep<T>(parsed: Parsed<T>, row: PropertyRow, element: Element, reading: Reading): T | undefined {
  if ('value' in parsed) return parsed.value;
  report(reading, element, row.name, `"${printable(text(element))}" must be ${parsed.expects}`);
  return undefined;
}

function report(reading: Reading, element: Element, attribute: string, message: string): void {
  reading.faults.push({
    code: reading.code,
    message,
    where: { ...element.at, attribute: printable(attribute) },
  });
}

/** What HdrIPVersion says; 4 for ARP, which knows no other. */
function ipVersion(row: ClassRow, element: Element): IpVersion {
  if (!findProperty(row, 'HdrIPVersion')) return 4;
  const said = elements(element).find((node) => node.local.toLowerCase() === 'hdripversion');
  const version = said && text(said).trim();
  return version === '4' ? 4 : version === '6' ? 6 : undefined;
}

function isNil(element: Element): boolean {
  const nil = element.attributes.find((a) => a.ns === XSI && a.local === 'nil')?.value.trim();
  return nil === 'true' || nil === '1';
}
