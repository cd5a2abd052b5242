/** Collecting all faults of one document while it is read. */
import type { ErrorCode, Fault, Place } from '../model/errors.js';
import { printable } from '../model/names.js';
import {
  type Attribute,
  attribute,
  type Element,
  elements,
  isElement,
  type Position,
  text,
} from './element.js';
import type { TextType, Word } from './vocabulary.js';

/** What a reader carries along: the faults so far, and where it is. */
export interface Reading {
  readonly faults: Fault[];
  /** File, filter and rule, as far as they are known. */
  readonly place: Place;
}

/** The same reading, further in. */
export function within(reading: Reading, place: Place): Reading {
  return { faults: reading.faults, place: { ...reading.place, ...place } };
}

export function placeOf({ place }: Reading, at: Position | undefined, attributeName?: string): Place {
  return {
    ...place,
    ...(at && { line: at.line, column: at.column }),
    ...(attributeName !== undefined && { attribute: attributeName }),
  };
}

export function report(
  reading: Reading,
  code: ErrorCode,
  message: string,
  at: Position | undefined,
  attributeName?: string,
): void {
  reading.faults.push({ code, message, where: placeOf(reading, at, attributeName) });
}

/** An attribute's name as people see it: those of other namespaces with theirs. */
export const nameOf = (a: Attribute | Element) => (a.ns === '' ? a.local : `{${printable(a.ns)}}${a.local}`);

/** Canonical text, or a fault at `at`. */
export function checkText(
  type: TextType,
  content: string,
  reading: Reading,
  place: { readonly at: Position | undefined; readonly name?: string; readonly code?: ErrorCode },
): string | undefined {
  const value = type.parse(content);
  if (value === undefined) {
    report(
      reading,
      place.code ?? 'VALUE',
      `"${printable(content)}" must be ${type.expects}`,
      place.at,
      place.name,
    );
  }
  return value;
}

/** The attributes of an element by its rows: canonical values by name; unknown, missing and bad ones are faults. */
export function readWords(
  element: Element,
  words: readonly Word[],
  reading: Reading,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const a of element.attributes) {
    const word = words.find(({ name, ns = '' }) => name === a.local && ns === a.ns);
    if (!word) {
      const message = `<${element.local}> has no attribute ${printable(nameOf(a))}`;
      report(reading, 'SCHEMA', message, a.at, a.local);
      continue;
    }
    const value = checkText(word.type, a.value, reading, {
      at: a.at,
      name: a.local,
      ...(word.code && { code: word.code }),
    });
    if (value !== undefined) values.set(word.name, value);
  }
  for (const { name, ns, required } of words) {
    if (required && attribute(element, name, ns) === undefined)
      report(reading, 'SCHEMA', `<${element.local}> needs the attribute ${name}`, element.at, name);
  }
  return values;
}

/** White space as XML has it: no more than these four. */
export const isBlank = (text: string) => /^[ \t\r\n]*$/.test(text);
export const trimmed = (text: string) => text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');

/** What is called for a child element, by its name; or for every child element. */
export type Visitors = Readonly<Record<string, (child: Element) => void>> | ((child: Element) => void);

/** Hands each child element to its visitor; text and elements without a visitor are faults. */
export function readChildren(element: Element, visitors: Visitors, reading: Reading): void {
  for (const node of element.children) {
    if (isElement(node)) {
      const visit = visitorOf(node, visitors);
      if (visit) visit(node);
      else unexpected(node, element, reading);
    } else if (!isBlank(node)) {
      const message = `text in <${element.local}>: "${printable(trimmed(node), 40)}"`;
      report(reading, 'SCHEMA', message, element.at);
    }
  }
}

function visitorOf(child: Element, visitors: Visitors): ((child: Element) => void) | undefined {
  if (typeof visitors === 'function') return visitors;
  return child.ns === '' && Object.hasOwn(visitors, child.local) ? visitors[child.local] : undefined;
}

function unexpected(child: Element, parent: Element, reading: Reading): void {
  const message = `<${printable(nameOf(child))}> does not belong in <${parent.local}>`;
  report(reading, 'SCHEMA', message, child.at);
}

/** The text of an element that holds nothing else, trimmed and checked. */
export function readText(element: Element, type: TextType, reading: Reading): string | undefined {
  readWords(element, [], reading);
  const inside = elements(element);
  for (const child of inside) unexpected(child, element, reading);
  return inside.length > 0 ? undefined : checkText(type, trimmed(text(element)), reading, { at: element.at });
}

/** A visitor of an element that may stand once. */
export function once(reading: Reading, visit: (element: Element) => void): (element: Element) => void {
  let seen = false;
  return (element) => {
    if (seen) report(reading, 'SCHEMA', `<${element.local}> may stand once`, element.at);
    else visit(element);
    seen = true;
  };
}
