/** CIM-XML out: one declaration of objects. Source: DSP0201, DTD of DSP0203 2.4. */
import { type Element, el } from '../xml/element.js';
import type { SerialiseOptions } from '../xml/serialise.js';
import { localPath, namespacePath } from './cimxml-path.js';
import { type Instance, isObjectPath } from './instance.js';
import { type Literal, literalsOf } from './literals.js';
import { pathOfInstance } from './path.js';

/** A line for each property: spread further, ten thousand rules are more than the gate takes (test/app/sizes.test.ts). */
export const CIMXML_OUTPUT: SerialiseOptions = { pretty: true, levels: 5 };

/** `<CIM>` around the instances; null properties are left out. Errors: CLASS_NOT_FOUND, CIM_PROPERTY for a missing key. */
export function cimxmlDocument(instances: readonly Instance[], namespace: string): Element {
  const objects = instances.map((instance) => {
    // Names of objects would say their keys once more: half of the document. That there are keys is checked.
    pathOfInstance(namespace, instance);
    return el('', 'VALUE.OBJECT', {}, instanceElement(instance));
  });
  const group = el('', 'DECLGROUP', {}, namespacePath(namespace), ...objects);
  return el('', 'CIM', { CIMVERSION: '2.0', DTDVERSION: '2.4' }, el('', 'DECLARATION', {}, group));
}

function instanceElement(instance: Instance): Element {
  return el('', 'INSTANCE', { CLASSNAME: instance.className }, ...literalsOf(instance).map(propertyElement));
}

function propertyElement({ row: { name, type, target }, value }: Literal): Element {
  if (typeof value === 'string')
    return el('', 'PROPERTY', { NAME: name, TYPE: type }, el('', 'VALUE', {}, value));
  if (isObjectPath(value))
    return el(
      '',
      'PROPERTY.REFERENCE',
      { NAME: name, REFERENCECLASS: target },
      el('', 'VALUE.REFERENCE', {}, localPath(value)),
    );
  const items = value.map((each) => el('', 'VALUE', {}, each));
  return el('', 'PROPERTY.ARRAY', { NAME: name, TYPE: type }, el('', 'VALUE.ARRAY', {}, ...items));
}
