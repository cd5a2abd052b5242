/**
 * Neutral form: what the stylesheets read and write. WS-CIM shape, values as text. Reading is decode.ts, which takes both.
 * See src/mapping and docs/cim.md, "Neutral form".
 */
import { INSTANCES_NS } from '../mapping/neutral.js';
import { type Element, el, elements } from '../xml/element.js';
import { classOfElement, decodeEach } from './decode.js';
import { encodeInstance } from './encode.js';
import { type CimValue, type Instance, isObjectPath, type Scalar } from './instance.js';
import { referenceContent } from './path.js';
import type { PropertyRow } from './rows.js';
import { classRow, classUri, findClass, isA, propertiesOf } from './schema.js';
import { bitsToWords, numbersToWords } from './words.js';

export { INSTANCES_NS };

/** An instance in neutral form, without what is momentary. */
export function toNeutral(instance: Instance): Element {
  const row = classRow(instance.className);
  const ns = classUri(row.name);
  const children = propertiesOf(row).flatMap((p) => {
    const value = instance.properties.get(p.name);
    return value === undefined || p.momentary ? [] : neutralValue(ns, p, value);
  });
  return el(ns, row.name, {}, ...children);
}

function neutralValue(ns: string, row: PropertyRow, value: CimValue): readonly Element[] {
  if (isObjectPath(value)) return [el(ns, row.name, {}, ...referenceContent(value))];
  if (row.bits) return [el(ns, row.name, {}, bitsToWords(row.bits, Number(value)))];
  if (row.words) return [el(ns, row.name, {}, numbersToWords(row, value as readonly number[]))];
  const list: readonly Scalar[] = Array.isArray(value) ? value : [value as Scalar];
  return list.map((each) => el(ns, row.name, {}, String(each)));
}

/**
 * A vendor's WS-CIM document → neutral form: `<Instances>` (or any other wrapper) around class elements, or one class element.
 * Classes stay what they are: the mapping decides what to make of CIM_ and KVM_ ones. Errors: CLASS_NOT_FOUND, CIM_PROPERTY.
 */
export function wscimToNeutral(document: Element): Element {
  return el(INSTANCES_NS, 'Instances', {}, ...instancesToNeutral(wscimInstances(document)));
}

/** The class elements of a WS-CIM document. */
export function wscimInstances(document: Element): readonly Element[] {
  return classOfElement(document) ? [document] : elements(document);
}

/** Instances of WS-CIM shape, from whatever syntax → neutral form, each where it stood. Errors: as `wscimToNeutral`. */
export function instancesToNeutral(list: readonly Element[]): readonly Element[] {
  return decodeEach(list.map(extended), (instance, { at }) => ({
    ...toNeutral(instance),
    ...(at && { at }),
  }));
}

/** What the standard's entry classes lack to be a rule, and libvirt-cim's add under the same names. */
const ADDED = ['action', 'direction', 'priority'];

/** A standard entry that carries an action or a direction of its own is read as libvirt-cim's class, which has them. */
function extended(element: Element): Element {
  const row = classOfElement(element);
  if (!row?.name.startsWith('CIM_') || !isA(row.name, 'CIM_FilterEntryBase')) return element;
  const added = elements(element).some(({ local }) => ADDED.includes(local.toLowerCase()));
  const wider = added ? findClass(row.name.replace(/^CIM_/, 'KVM_')) : undefined;
  if (!wider) return element;
  return { ...element, ns: classUri(wider.name), local: wider.name };
}

/** Neutral instances → a WS-CIM document, null properties left out. Write it with `WSCIM_OUTPUT`. */
export function neutralToWscim(list: readonly Element[]): Element {
  const instances = decodeEach(list, (instance) => encodeInstance(instance, { nil: false }));
  return el(INSTANCES_NS, 'Instances', {}, ...instances);
}
