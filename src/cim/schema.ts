/** The class tree made of the tables in classes/: look-ups, inheritance, names and URIs. Names are compared without case. */
import { fail } from '../model/errors.js';
import { printable } from '../model/names.js';
import { onceFor } from '../model/once.js';
import { AMT } from './classes/amt.js';
import { CORE } from './classes/core.js';
import { ENTRIES } from './classes/entries.js';
import { FILTERS } from './classes/filters.js';
import { INDICATIONS } from './classes/indications.js';
import { KVM } from './classes/kvm.js';
import { LISTS } from './classes/lists.js';
import { POLICY } from './classes/policy.js';
import { PROFILE } from './classes/profile.js';
import { SERVICE } from './classes/service.js';
import { SUBSCRIPTIONS } from './classes/subscriptions.js';
import { SYSTEM } from './classes/system.js';
import type { ClassRow, MethodRow, PropertyRow } from './rows.js';

export const CLASSES: readonly ClassRow[] = [
  ...CORE,
  ...SYSTEM,
  ...FILTERS,
  ...LISTS,
  ...ENTRIES,
  ...SERVICE,
  ...PROFILE,
  ...INDICATIONS,
  ...SUBSCRIPTIONS,
  ...KVM,
  ...AMT,
  ...POLICY,
];

export const DEFAULT_NAMESPACE = 'root/nwgate';
export const INTEROP_NAMESPACE = 'root/interop';
const NAMESPACES = [DEFAULT_NAMESPACE, INTEROP_NAMESPACE];

/** XML namespace of a class is one of these and its name; the same text is its ResourceURI. */
export const DMTF_BASE = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/';
export const NWG_BASE = 'http://schemas.nwgate.org/wbem/wscim/1/cim-schema/2/';
/** Before a CIM namespace and a class in Microsoft's form of a ResourceURI (MS-WSMV): read, never written. */
export const WMI_BASE = 'http://schemas.microsoft.com/wbem/wsman/1/wmi/';
/** Intel AMT's classes. libvirt-cim's have the DMTF base: the servers in front of it know no other. */
const AMT_BASE = 'http://intel.com/wbem/wscim/1/amt-schema/1/';

const OTHER_BASES = [
  ['NWG_', NWG_BASE],
  ['AMT_', AMT_BASE],
] as const;

/** As the tables spell them, and in lower case. */
const byName = new Map(
  CLASSES.flatMap((row) => [
    [row.name, row],
    [row.name.toLowerCase(), row],
  ]),
);

export function findClass(name: string): ClassRow | undefined {
  return byName.get(name) ?? byName.get(name.toLowerCase());
}

/** Errors: CLASS_NOT_FOUND. */
export function classRow(name: string): ClassRow {
  const row = findClass(name);
  if (!row) throw fail('CLASS_NOT_FOUND', `there is no class "${printable(name)}"`);
  return row;
}

/** Answers each class's value once. */
export const perClass: <T>(make: (row: ClassRow) => T) => (row: ClassRow) => T = onceFor;

/** The class, its superclass, and so on to the top. */
export const lineage = perClass((row): readonly ClassRow[] =>
  row.superclass === undefined ? [row] : [row, ...lineage(classRow(row.superclass))],
);

/** True when `name` is `ancestor` or inherits from it. False for unknown names. */
export function isA(name: string, ancestor: string): boolean {
  const row = findClass(name);
  const wanted = findClass(ancestor);
  return row !== undefined && wanted !== undefined && lineage(row).includes(wanted);
}

/** All properties, inherited ones first; an override stands where the overridden one stood. */
export const propertiesOf = perClass((row): readonly PropertyRow[] => {
  const all = new Map<string, PropertyRow>();
  for (const level of [...lineage(row)].reverse()) for (const p of level.properties) all.set(p.name, p);
  return [...all.values()];
});

/** All properties by name: the order in which they are sent. */
export const sortedProperties = perClass((row): readonly PropertyRow[] =>
  [...propertiesOf(row)].sort((a, b) => (a.name < b.name ? -1 : 1)),
);

const propertyIndex = perClass((row) => new Map(propertiesOf(row).map((p) => [p.name.toLowerCase(), p])));

export function findProperty(row: ClassRow, name: string): PropertyRow | undefined {
  return propertyIndex(row).get(name.toLowerCase());
}

export const keysOf = perClass((row): readonly PropertyRow[] => propertiesOf(row).filter((p) => p.key));

export function findMethod(row: ClassRow, name: string): MethodRow | undefined {
  return lineage(row)
    .flatMap((level) => level.methods ?? [])
    .find((method) => method.name.toLowerCase() === name.toLowerCase());
}

/** The namespace that any spelling of it, or no text at all, names; undefined when there is none. */
export function findNamespace(text: string): string | undefined {
  if (text === DEFAULT_NAMESPACE) return text;
  const plain = text.trim().replaceAll('\\', '/').replace(/^\/+/, '').replace(/\/+$/, '').toLowerCase();
  return plain === '' ? DEFAULT_NAMESPACE : NAMESPACES.find((name) => name === plain);
}

/** As `findNamespace`. Errors: CLASS_NOT_FOUND. */
export function namespaceName(text: string): string {
  const found = findNamespace(text);
  if (found === undefined) throw fail('CLASS_NOT_FOUND', `there is no namespace "${printable(text)}"`);
  return found;
}

/** The classes at or below `row` that have instances of their own in the namespace. */
export function extentClasses(namespace: string, row: ClassRow): readonly ClassRow[] {
  return extents.get(namespace)?.(row) ?? [];
}

const childrenOf = perClass((row) => CLASSES.filter((child) => child.superclass === row.name));

const extents = new Map(
  NAMESPACES.map((namespace) => {
    const extent = perClass((row): readonly ClassRow[] => {
      const own = row.namespaces?.includes(namespace) ? [row] : [];
      return [...own, ...childrenOf(row).flatMap(extent)];
    });
    return [namespace, extent] as const;
  }),
);

/** A class that a namespace serves, itself or through subclasses. Errors: CLASS_NOT_FOUND. */
export function servedClass(namespace: string, name: string): ClassRow {
  const row = classRow(name);
  if (extentClasses(namespace, row).length === 0)
    throw fail('CLASS_NOT_FOUND', `namespace ${namespace} has no class ${row.name}`);
  return row;
}

/** Classes a namespace serves, abstract ones included. */
export function servedClasses(namespace: string): readonly ClassRow[] {
  return CLASSES.filter((row) => extentClasses(namespace, row).length > 0);
}

/** XML namespace of its elements and its ResourceURI. */
export function classUri(name: string): string {
  const base = OTHER_BASES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? DMTF_BASE;
  return `${base}${name}`;
}

/**
 * The class an XML namespace or ResourceURI names, in the schema's spelling; undefined when it names none of ours. The DMTF
 * base and Microsoft's do for every class, our base for NWG_ only, and vendors' classes come under any base. A namespace segment
 * before the class (`…/2/root/x/CIM_Y`) is skipped.
 */
export function classOfUri(uri: string): ClassRow | undefined {
  const row = findClass(uri.slice(uri.lastIndexOf('/') + 1));
  if (!row) return undefined;
  const bases = row.name.startsWith('NWG_') ? [DMTF_BASE, WMI_BASE, NWG_BASE] : [DMTF_BASE, WMI_BASE];
  return /^(?:KVM|AMT)_/.test(row.name) || bases.some((base) => uri.startsWith(base)) ? row : undefined;
}

/** The CIM namespace that a URI of Microsoft's form has before the class; undefined in any other. */
export function namespaceOfUri(uri: string): string | undefined {
  return uri.startsWith(WMI_BASE)
    ? uri.slice(WMI_BASE.length, Math.max(WMI_BASE.length, uri.lastIndexOf('/')))
    : undefined;
}
