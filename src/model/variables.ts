/**
 * `$VARIABLE` references in attribute values. Source: libvirt's nwfilter format, "usage of variables" and "element and
 * attribute overview"; `$A` is `$A[@0]`.
 */

/** `$A[@1]` walks all elements with iterator 1; `$A[2]` is the third element. */
export type Access =
  | { readonly kind: 'iterator'; readonly iterator: number }
  | { readonly kind: 'element'; readonly index: number };

export interface VariableReference {
  readonly name: string;
  readonly access: Access;
}

const REFERENCE = /^\$([A-Za-z0-9_]+)(?:\[ *(@?) *(\d+) *\])? *$/;
const MAX_ITERATOR = 1000;

export function isVariable(value: string): boolean {
  return value.startsWith('$');
}

/** Reads `$NAME`, `$NAME[n]`, `$NAME[@n]`; undefined when the text is none of them. */
export function parseVariable(value: string): VariableReference | undefined {
  const found = REFERENCE.exec(value);
  if (!found) return undefined;
  const [, name = '', at, digits] = found;
  const number = Number(digits ?? 0);
  if (number > MAX_ITERATOR) return undefined;
  const access: Access =
    digits === undefined || at === '@'
      ? { kind: 'iterator', iterator: number }
      : { kind: 'element', index: number };
  return { name, access };
}

/** Canonical text: `$A` for iterator 0, no spaces. */
export function formatVariable({ name, access }: VariableReference): string {
  if (access.kind === 'element') return `$${name}[${access.index}]`;
  return access.iterator === 0 ? `$${name}` : `$${name}[@${access.iterator}]`;
}

export const PARAMETER_NAME = /^[A-Za-z0-9_]+$/;
/** libvirt takes `[A-Za-z0-9_.:]`; masks, negative numbers and set names need the rest. */
export const PARAMETER_VALUE = /^[A-Za-z0-9_.:,/+-]+$/;
