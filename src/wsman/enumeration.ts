/** Bodies of WS-Enumeration. Sources: DSP0226 §8, DSP0227 §8, WS-Enumeration §3. */
import { attribute, child, childrenNamed, type Element, elements, text } from '../xml/element.js';
import { type Expiration, formatDuration, parseDuration, parseExpiration } from './duration.js';
import { soapFault } from './faults.js';
import { DIALECT, NS } from './namespaces.js';

/** What each item is: the instance, its reference, or both. */
export const ENUMERATION_MODES = ['EnumerateObject', 'EnumerateEPR', 'EnumerateObjectAndEPR'] as const;
export type EnumerationMode = (typeof ENUMERATION_MODES)[number];

/** How instances of subclasses appear: as what they are, as the class asked for, or not at all. */
export const POLYMORPHISM_MODES = ['IncludeSubClassProperties', 'ExcludeSubClassProperties', 'None'] as const;
export type PolymorphismMode = (typeof POLYMORPHISM_MODES)[number];

export interface Filter {
  readonly dialect: string;
  /** Text, or the one element that stands for it. */
  readonly content: string | Element;
}

export interface Enumerate {
  readonly mode: EnumerationMode;
  readonly polymorphism: PolymorphismMode;
  readonly filter: Filter | undefined;
  readonly expires: Expiration | undefined;
  /** Items wanted in the answer itself: 0 unless the enumeration is optimised. */
  readonly maxElements: number;
  readonly optimized: boolean;
}

export interface Pull {
  readonly context: string;
  readonly maxElements: number;
  /** Milliseconds. */
  readonly maxTime: number | undefined;
  /** Characters of all items together. */
  readonly maxCharacters: number | undefined;
}

const invalid = (reason: string) => soapFault('wsman:SchemaValidationError', undefined, reason);

function only(body: readonly Element[], local: string): Element {
  const [first, ...others] = body;
  if (others.length > 0 || first?.ns !== NS.wsen || first.local !== local)
    throw invalid(`the body must hold one wsen:${local}`);
  const names = elements(first).map(({ ns, local: name }) => `${ns} ${name}`);
  const twice = elements(first).find(({ ns, local: name }, at) => names.indexOf(`${ns} ${name}`) !== at);
  if (twice) throw invalid(`${twice.local} is there more than once`);
  return first;
}

/** Children in any order, unknown ones ignored. Throws the SoapFault that DSP0226 §8.2 has for what is wrong. */
export function readEnumerate(body: readonly Element[]): Enumerate {
  const enumerate = only(body, 'Enumerate');
  if (child(enumerate, NS.wsen, 'EndTo'))
    throw soapFault('wsman:UnsupportedFeature', 'AddressingMode', 'wsen:EndTo is not supported');
  const optimized = child(enumerate, NS.wsman, 'OptimizeEnumeration') !== undefined;
  return {
    mode: readMode(child(enumerate, NS.wsman, 'EnumerationMode')),
    polymorphism: readPolymorphism(child(enumerate, NS.wsmb, 'PolymorphismMode')),
    filter: readFilter(enumerate),
    expires: readExpires(child(enumerate, NS.wsen, 'Expires')),
    maxElements: optimized ? (count(enumerate, 'MaxElements') ?? 1) : 0,
    optimized,
  };
}

/** wsman:MaxElements is taken for wsen:MaxElements, which clients confuse. Faults: SchemaValidationError. */
export function readPull(body: readonly Element[]): Pull {
  const pull = only(body, 'Pull');
  const time = child(pull, NS.wsen, 'MaxTime');
  const maxTime = time && parseDuration(text(time));
  if (time && (maxTime === undefined || maxTime <= 0)) throw invalid('MaxTime is no duration above zero');
  return {
    context: contextOf(pull),
    maxElements: count(pull, 'MaxElements') ?? 1,
    maxTime,
    maxCharacters: count(pull, 'MaxCharacters'),
  };
}

/** The context a body of that name is about. Faults: SchemaValidationError. */
export function readOfContext(body: readonly Element[], local: 'Release' | 'GetStatus'): string {
  return contextOf(only(body, local));
}

/** Faults: SchemaValidationError, InvalidExpirationTime. */
export function readRenew(body: readonly Element[]): {
  readonly context: string;
  readonly expires: Expiration | undefined;
} {
  const renew = only(body, 'Renew');
  return { context: contextOf(renew), expires: readExpires(child(renew, NS.wsen, 'Expires')) };
}

function contextOf(parent: Element): string {
  const context = child(parent, NS.wsen, 'EnumerationContext');
  if (!context) throw invalid('wsen:EnumerationContext is missing');
  return text(context).trim();
}

function count(parent: Element, local: string): number | undefined {
  const found = child(parent, NS.wsen, local) ?? child(parent, NS.wsman, local);
  if (!found) return undefined;
  const digits = text(found).trim();
  const number = /^\+?\d+$/.test(digits) ? Number(digits) : 0;
  if (number < 1) throw invalid(`${local} is no number above zero`);
  return Math.min(number, Number.MAX_SAFE_INTEGER);
}

function readMode(element: Element | undefined): EnumerationMode {
  if (!element) return 'EnumerateObject';
  const mode = ENUMERATION_MODES.find((name) => name === text(element).trim());
  if (!mode) throw soapFault('wsman:UnsupportedFeature', 'EnumerationMode', 'no such EnumerationMode');
  return mode;
}

function readPolymorphism(element: Element | undefined): PolymorphismMode {
  if (!element) return 'IncludeSubClassProperties';
  const wanted = text(element).trim().toLowerCase();
  const mode = POLYMORPHISM_MODES.find((name) => name.toLowerCase() === wanted);
  if (!mode) throw soapFault('wsmb:PolymorphismModeNotSupported', undefined, 'no such PolymorphismMode');
  return mode;
}

function readExpires(element: Element | undefined): Expiration | undefined {
  if (!element) return undefined;
  const expiration = parseExpiration(text(element));
  if (!expiration || (expiration.kind === 'after' && expiration.milliseconds <= 0))
    throw soapFault('wsen:InvalidExpirationTime', undefined, 'Expires is no duration above zero and no time');
  return expiration;
}

function readFilter(enumerate: Element): Filter | undefined {
  const filters = [NS.wsen, NS.wsman].flatMap((ns) => childrenNamed(enumerate, ns, 'Filter'));
  const [filter, ...others] = filters;
  if (!filter) return undefined;
  const cannot = (reason: string) => soapFault('wsen:CannotProcessFilter', undefined, reason);
  if (others.length > 0) throw cannot('wsen:Filter and wsman:Filter exclude each other');
  const inside = elements(filter);
  const [element] = inside;
  const words = filter.children.filter((node) => typeof node === 'string').join('');
  if (inside.length > 1 || (element && words.trim() !== '')) throw cannot('a filter is text or one element');
  return { dialect: attribute(filter, 'Dialect')?.trim() ?? DIALECT.xpath, content: element ?? words.trim() };
}

/** A batch of items, and what comes after it: the context to pull more with, or nothing. */
export interface Batch {
  /** Texts of the items. */
  readonly items: readonly string[];
  readonly context: string | undefined;
}

/** Body of an EnumerateResponse, in pieces. `expiresIn` is in milliseconds. A finished one has an empty context (DSP0226 R8.2.3-5). */
export function enumerateResponse(batch: Batch, optimized: boolean, expiresIn: number): readonly string[] {
  const context =
    batch.context === undefined
      ? '<wsen:EnumerationContext/>'
      : `<wsen:Expires>${formatDuration(expiresIn)}</wsen:Expires><wsen:EnumerationContext>${batch.context}</wsen:EnumerationContext>`;
  const items = optimized ? container('wsman:Items', batch.items) : [];
  // Written with an end tag: AMT consoles look for it as text.
  const end = batch.context === undefined ? '<wsman:EndOfSequence></wsman:EndOfSequence>' : '';
  return [
    `<wsen:EnumerateResponse xmlns:wsen="${NS.wsen}">${context}`,
    ...items,
    `${end}</wsen:EnumerateResponse>`,
  ];
}

/** Body of a PullResponse, in pieces. A finished one has no context (DSP0226 R8.4-8): clients loop as long as there is one. */
export function pullResponse(batch: Batch): readonly string[] {
  const context =
    batch.context === undefined ? '' : `<wsen:EnumerationContext>${batch.context}</wsen:EnumerationContext>`;
  const end = batch.context === undefined ? '<wsen:EndOfSequence></wsen:EndOfSequence>' : '';
  return [
    `<wsen:PullResponse xmlns:wsen="${NS.wsen}">${context}`,
    ...container('wsen:Items', batch.items),
    `${end}</wsen:PullResponse>`,
  ];
}

/** Body of an answer about an enumeration's life: what is left of it, in milliseconds. */
export function statusResponse(
  name: 'RenewResponse' | 'GetStatusResponse',
  left: number,
  context?: string,
): string {
  const same = context === undefined ? '' : `<wsen:EnumerationContext>${context}</wsen:EnumerationContext>`;
  const expires = `<wsen:Expires>${formatDuration(left)}</wsen:Expires>`;
  return `<wsen:${name} xmlns:wsen="${NS.wsen}">${expires}${same}</wsen:${name}>`;
}

function container(name: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [`<${name}/>`] : [`<${name}>`, ...items, `</${name}>`];
}
