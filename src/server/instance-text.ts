/**
 * Instances as text, by a table made once for each class: what most of an instance is, plain values and nulls, needs no tree.
 * It says what `encodeInstance` says, written with the prefix `p`.
 */
import { EMBEDDED_PREFIX, embeddedNamespace, encodeValue, OCTETS_TYPE, versionOf } from '../cim/encode.js';
import type { CimValue, Instance, Scalar } from '../cim/instance.js';
import { octetsToBase64 } from '../cim/octets.js';
import type { ClassRow, PropertyRow } from '../cim/rows.js';
import { formatScalar } from '../cim/scalars.js';
import { classRow, classUri, isA, perClass, sortedProperties } from '../cim/schema.js';
import { marked } from '../cim/widening.js';
import { inVersion } from '../wsman/epr.js';
import { type AddressingNs, NS, PREFIXES_WITH } from '../wsman/namespaces.js';
import type { Element } from '../xml/element.js';
import { escapeText, type SerialiseOptions, serialise } from '../xml/serialise.js';
import { Recent } from './recent.js';

/** How instances are shown to one client. */
export interface Shown {
  readonly addressing: AddressingNs;
  /** Render as this superclass. */
  readonly asClass?: string | undefined;
  /** False: null properties are left out (openwsman's option ExcludeNilProperties). */
  readonly nil?: boolean;
  /** Mark the elements of keys (openwsman's option ShowExtensions). */
  readonly keys?: boolean;
  /** Names of the properties wanted, in any case. */
  readonly properties?: readonly string[] | undefined;
}

/** Marks the element of a key. */
export const KEY_MARK = { ns: NS.cim, local: 'Key', value: 'true' };

interface Slot {
  readonly p: PropertyRow;
  readonly open: string;
  readonly close: string;
  readonly empty: string;
  /** What stands there for null; '' where the property is never null. */
  readonly absent: string;
}

interface Layout {
  readonly ns: string;
  readonly begin: string;
  readonly end: string;
  readonly slots: readonly Slot[];
  /** By whether nulls are shown, and the names of the properties that have a value. */
  readonly shapes: Recent<string, Shape>;
  last: Shape | undefined;
}

/** Between its values an instance is the same as every other that has values for the same properties. */
interface Shape {
  readonly nil: boolean;
  readonly names: readonly string[];
  readonly parts: readonly Part[];
  readonly after: string;
  /** Something in it names a type. */
  readonly typed: boolean;
}

interface Part {
  readonly slot: Slot;
  /** The nulls before the value. */
  readonly before: string;
  /** The same with the value's start tag. */
  readonly opened: string;
}

/** Filters of one kind share a few; a client can write any. */
const MOST_SHAPES = 200;

const layoutWith = (keys: boolean) =>
  perClass((row: ClassRow): Layout => {
    const ns = classUri(row.name);
    const slots = sortedProperties(row).map((p) => slotOf(p, keys && p.key === true));
    const begin = `<p:${row.name} xmlns:cim="${NS.cim}"`;
    return { ns, begin, end: `</p:${row.name}>`, slots, shapes: new Recent(MOST_SHAPES), last: undefined };
  });
const LAYOUT = { plain: layoutWith(false), keys: layoutWith(true) };

function slotOf(p: PropertyRow, isMarked: boolean): Slot {
  const tag = `p:${p.name}${p.octets ? ` xsi:type="${OCTETS_TYPE}"` : ''}${isMarked ? ' cim:Key="true"' : ''}`;
  return {
    p,
    open: `<${tag}>`,
    close: `</p:${p.name}>`,
    empty: `<${tag}/>`,
    absent: p.key || p.required ? '' : `<p:${p.name} xsi:nil="true"/>`,
  };
}

function shapeOf(layout: Layout, properties: Instance['properties'], nil: boolean): Shape {
  // Neighbours are mostly alike.
  if (layout.last && isShape(layout.last, properties, nil)) return layout.last;
  const names = [...properties.keys()];
  const key = `${nil} ${names.join(' ')}`;
  let shape = layout.shapes.get(key);
  if (!shape) {
    shape = { nil, names, ...shaped(layout, properties, nil) };
    layout.shapes.set(key, shape);
  }
  layout.last = shape;
  return shape;
}

function isShape({ nil, names }: Shape, properties: Instance['properties'], wanted: boolean): boolean {
  if (nil !== wanted || names.length !== properties.size) return false;
  let at = 0;
  for (const name of properties.keys()) if (names[at++] !== name) return false;
  return true;
}

function shaped(
  { slots }: Layout,
  properties: Instance['properties'],
  nil: boolean,
): Omit<Shape, 'names' | 'nil'> {
  const parts: Part[] = [];
  let nulls = '';
  let typed = false;
  for (const slot of slots) {
    const isThere = properties.has(slot.p.name);
    if (isThere) {
      parts.push({ slot, before: nulls, opened: nulls + slot.open });
      nulls = '';
    } else if (nil) nulls += slot.absent;
    typed ||= isThere ? slot.p.octets !== undefined : nil && slot.absent !== '';
  }
  return { parts, after: nulls, typed };
}

const XSI = ` xmlns:xsi="${NS.xsi}"`;

/** The class element. Errors: CHARACTER. */
export function instanceText(instance: Instance, how: Shown): string {
  const { asClass, nil = true } = how;
  const row = classRow(
    asClass !== undefined && isA(instance.className, asClass) ? asClass : instance.className,
  );
  const { properties } = row.name === instance.className ? instance : marked(instance, row);
  const layout = (how.keys ? LAYOUT.keys : LAYOUT.plain)(row);
  const { parts, after, typed } = shapeOf(layout, properties, nil);
  const { ns, begin, end } = layout;
  const version = versionOf(instance);
  const embeddedNs = embeddedNamespace(instance);
  let inside = '';
  for (const { slot, before, opened } of parts) {
    const value = properties.get(slot.p.name)!;
    const { p, close, empty } = slot;
    if (typeof value !== 'object' && p.type !== 'datetime') {
      const text = p.octets ? octetsToBase64(p.octets, String(value), version) : scalarText(value);
      inside += text === '' ? before + empty : opened + text + close;
    } else inside += before + (listText(slot, value) ?? written(slot, value, { ns, embeddedNs, how }));
  }
  inside += after;
  const embedded = embeddedNs === undefined ? '' : ` xmlns:${EMBEDDED_PREFIX}="${embeddedNs}"`;
  const types = typed || embeddedNs !== undefined ? XSI : '';
  return `${begin}${embedded} xmlns:p="${ns}"${types}${inside === '' ? '/>' : `>${inside}${end}`}`;
}

/** An instance whole, in its own class. */
type WholeShown = Omit<Shown, 'asClass' | 'properties'>;

/** How many texts are kept at least, of some kilobytes each. */
const MOST_TEXTS = 500;
const texts = new Recent<Instance, { readonly how: WholeShown; readonly text: string }>(MOST_TEXTS);

/** As `instanceText`, for what is asked for one by one and again: an instance never changes, what changes is another one. */
export function familiarText(instance: Instance, how: WholeShown): string {
  const found = texts.get(instance);
  const { addressing, nil, keys } = how;
  if (found && found.how.addressing === addressing && found.how.nil === nil && found.how.keys === keys)
    return found.text;
  const text = instanceText(instance, how);
  texts.set(instance, { how, text });
  return text;
}

/** Only texts can hold what needs an escape. */
const scalarText = (value: Scalar) => (typeof value === 'string' ? escapeText(value) : formatScalar(value));

/** The elements of a list of numbers or texts; undefined for every other value. */
function listText({ p, open, close, empty }: Slot, value: CimValue): string | undefined {
  if (!Array.isArray(value) || p.octets || p.type === 'datetime') return undefined;
  const texts: readonly string[] = value.map(scalarText);
  return texts.map((text) => (text === '' ? empty : open + text + close)).join('');
}

interface Within {
  readonly ns: string;
  readonly embeddedNs: string | undefined;
  readonly how: Shown;
}

/** References, dates and instances within instances. */
function written({ p }: Slot, value: CimValue, { ns, embeddedNs, how }: Within): string {
  const { within } = scopesOf(ns, how.addressing, embeddedNs);
  const elements = encodeValue(ns, p, value, undefined).map((element) => {
    const shown = inVersion(element, how.addressing);
    return serialise(how.keys && p.key ? withMark(shown) : shown, within);
  });
  return elements.join('');
}

export function withMark(element: Element): Element {
  return { ...element, attributes: [...element.attributes, KEY_MARK] };
}

interface Scopes {
  /** Of an element that stands by itself and declares what its content needs. */
  readonly alone: SerialiseOptions;
  /** Of one within such an element. */
  readonly within: SerialiseOptions;
}

const scopes = new Map<string, Scopes>();

/** The prefixes of an instance of a class; made once for each, as every answer needs them. */
export function scopesOf(classNs: string, addressing: AddressingNs, embeddedNs: string | undefined): Scopes {
  const key = `${addressing} ${classNs} ${embeddedNs}`;
  let found = scopes.get(key);
  if (!found) {
    // Octet strings and embedded instances name their type with these prefixes.
    const declare = embeddedNs === undefined ? [NS.cim] : [NS.cim, embeddedNs];
    const prefixes = {
      ...PREFIXES_WITH[addressing],
      ...(embeddedNs !== undefined && { [embeddedNs]: EMBEDDED_PREFIX }),
      [classNs]: 'p',
    };
    const inScope = [addressing, NS.wsman];
    found = {
      alone: { prefixes, declare, inScope },
      within: { prefixes, inScope: [...inScope, ...declare, classNs, NS.xsi] },
    };
    scopes.set(key, found);
  }
  return found;
}
