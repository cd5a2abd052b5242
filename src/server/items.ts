/** The items of an enumeration as text, made one by one while somebody takes them. Sources: DSP0226 §8.2, DSP0227 §8. */
import type { Found } from '../app/objects.js';
import type { Instance, ObjectPath } from '../cim/instance.js';
import { findClass } from '../cim/schema.js';
import type { Enumerate } from '../wsman/enumeration.js';
import { soapFault } from '../wsman/faults.js';
import type { Exchange } from './exchange.js';
import { type Selection, selectionOf } from './filters.js';
import { instanceText, type Shown } from './instance-text.js';
import { fragmentText, referenceText, shownBy } from './represent.js';
import { isAllClasses, pathOfTarget, targetClass } from './target.js';

/**
 * Everything that can be wrong with what was asked for is found before the first item. Faults: those of the filter,
 * UnsupportedFeature/FilteringRequired and PolymorphismModeNotSupported for all classes. Errors: CLASS_NOT_FOUND.
 */
export function items(exchange: Exchange, wanted: Enumerate): AsyncGenerator<string> {
  const { request } = exchange;
  const everywhere = isAllClasses(request.resourceUri);
  if (everywhere) checkAllClasses(wanted);
  const selection = selectionOf(wanted.filter);
  const where = everywhere ? pathOfTarget(request) : targetClass(request).path;
  if (selection.walk)
    return shown(exchange, wanted, selection, selection.walk(exchange.objects, where.namespace));
  if (everywhere && selection.className === undefined)
    throw soapFault('wsen:CannotProcessFilter', undefined, 'this filter does not say which class is meant');
  const row = classOf(selection, where);
  selection.check?.(row);
  const path = { ...where, className: row.name };
  return shownOfClass(exchange, { ...wanted, className: row.name }, selection, path);
}

function checkAllClasses({ filter, polymorphism }: Enumerate): void {
  if (!filter) throw soapFault('wsman:UnsupportedFeature', 'FilteringRequired', 'all classes need a filter');
  if (polymorphism !== 'IncludeSubClassProperties')
    throw soapFault(
      'wsmb:PolymorphismModeNotSupported',
      undefined,
      'of all classes each instance appears in its own',
    );
}

function classOf({ className }: Selection, { className: said }: ObjectPath) {
  const row = findClass(className ?? said);
  if (!row) throw soapFault('wsen:CannotProcessFilter', undefined, `there is no class ${className}`);
  return row;
}

/** `className`: of the objects asked for, where they are those of a class. */
type Asked = Enumerate & { readonly className?: string };

/** The item of an object; undefined for one that is not among those asked for. */
type Show = (instance: Instance, path: () => ObjectPath) => string | undefined;

async function* shown(
  exchange: Exchange,
  wanted: Asked,
  selection: Selection,
  source: AsyncIterable<Found>,
): AsyncGenerator<string> {
  const show = showing(exchange, wanted, selection);
  for await (const { instance, path } of source) {
    const item = show(instance, () => path);
    if (item !== undefined) yield item;
  }
}

async function* shownOfClass(
  exchange: Exchange,
  wanted: Asked,
  selection: Selection,
  { namespace, className }: ObjectPath,
): AsyncGenerator<string> {
  const { objects } = exchange;
  const show = showing(exchange, wanted, selection);
  for await (const instance of objects.enumerate(namespace, className)) {
    const item = show(instance, () => objects.pathOf(namespace, instance));
    if (item !== undefined) yield item;
  }
}

function showing({ request }: Exchange, wanted: Asked, { accepts, properties }: Selection): Show {
  const { className } = wanted;
  const exact = wanted.polymorphism === 'None';
  const asClass = wanted.polymorphism === 'ExcludeSubClassProperties' ? className : undefined;
  const show = renderer(wanted, { ...shownBy(request), asClass, properties });
  return (instance, path) => {
    if (exact && className !== undefined && instance.className !== className) return undefined;
    return accepts(instance) ? show(instance, path) : undefined;
  };
}

function renderer({ mode }: Enumerate, how: Shown): (...shown: Parameters<Show>) => string {
  const object = (instance: Instance) =>
    how.properties ? fragmentText(instance, how) : instanceText(instance, how);
  const reference = (path: () => ObjectPath) => referenceText(path(), how.addressing);
  switch (mode) {
    case 'EnumerateObject':
      return object;
    case 'EnumerateEPR':
      return (_, path) => reference(path);
    case 'EnumerateObjectAndEPR':
      return (instance, path) => `<wsman:Item>${object(instance)}${reference(path)}</wsman:Item>`;
  }
}
