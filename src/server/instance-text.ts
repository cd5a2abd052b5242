/**
 * Instances as text, by a table made once for each class: what most of an instance is, plain values and nulls, needs no tree.
 * It says what `encodeInstance` says, written with the prefix `p`.
 */
import { EMBEDDED_PREFIX, embeddedNamespace, encodeValue, OCTETS_TYPE, versionOf } from '../cim/encode.js';
import type { CimValue, Instance } from '../cim/instance.js';
import { type IpVersion, octetsToBase64 } from '../cim/octets.js';
import type { ClassRow, PropertyRow } from '../cim/rows.js';
import { formatScalar } from '../cim/scalars.js';
import { classRow, classUri, isA, perClass, sortedProperties } from '../cim/schema.js';
import { marked } from '../cim/widening.js';
import { inVersion } from '../wsman/epr.js';
import { type AddressingNs, NS, PREFIXES_WITH } from '../wsman/namespaces.js';
import type { Element } from '../xml/element.js';
import { escapeText, type SerialiseOptions, serialise } from '../xml/serialise.js';

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
}

const layoutWith = (keys: boolean) =>
  perClass((row: ClassRow): Layout => {
    const ns = classUri(row.name);
    const slots = sortedProperties(row).map((p) => slotOf(p, keys && p.key === true));
    return { ns, begin: `<p:${row.name} xmlns:cim="${NS.cim}"`, end: `</p:${row.name}>`, slots };
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

const XSI = ` xmlns:xsi="${NS.xsi}"`;

/** The class element. */
export function instanceText(instance: Instance, how: Shown): string {
  const { asClass, nil = true } = how;
  const row = classRow(
    asClass !== undefined && isA(instance.className, asClass) ? asClass : instance.className,
  );
  const { properties } = row.name === instance.className ? instance : marked(instance, row);
  const { ns, begin, end, slots } = (how.keys ? LAYOUT.keys : LAYOUT.plain)(row);
  const version = versionOf(instance);
  const embeddedNs = embeddedNamespace(instance);
  let typed = embeddedNs !== undefined;
  let inside = '';
  for (const slot of slots) {
    const value = properties.get(slot.p.name);
    if (value === undefined) {
      if (!nil || slot.absent === '') continue;
      inside += slot.absent;
      typed = true;
      continue;
    }
    typed ||= slot.p.octets !== undefined;
    const plain = plainText(slot.p, value, version);
    if (plain === undefined) inside += written(slot, value, { ns, embeddedNs, how });
    else inside += plain === '' ? slot.empty : slot.open + plain + slot.close;
  }
  const embedded = embeddedNs === undefined ? '' : ` xmlns:${EMBEDDED_PREFIX}="${embeddedNs}"`;
  return `${begin}${embedded} xmlns:p="${ns}"${typed ? XSI : ''}${inside === '' ? '/>' : `>${inside}${end}`}`;
}

/** Escaped text of a value that is one text; undefined for every other. */
function plainText(p: PropertyRow, value: CimValue, version: IpVersion): string | undefined {
  if (typeof value === 'object' || p.type === 'datetime') return undefined;
  return p.octets ? octetsToBase64(p.octets, String(value), version) : escapeText(formatScalar(value));
}

interface Within {
  readonly ns: string;
  readonly embeddedNs: string | undefined;
  readonly how: Shown;
}

/** References, dates, arrays and instances within instances. */
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
