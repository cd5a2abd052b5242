/**
 * The shape of the protocol tables. A protocol is a row of attributes; an attribute is a name, a type and, where it opens
 * a test, how the host tools spell that test. The same rows drive the reader, the writer, the checks, the compiler, the
 * RELAX NG schema and docs/filters.md.
 */

/** A type of attribute value. Canonical text is what the model, the store and the CIM view hold. */
export interface Datatype {
  readonly name: string;
  /** Canonical text, or undefined when the text is not of the type. */
  readonly parse: (text: string) => string | undefined;
  /** Canonical text as the host tools want it; the same text when absent. */
  readonly kernel?: (canonical: string) => string;
  /** "a number from 0 to 63": completes "… must be". */
  readonly expects: string;
  /**
   * Regular expression of the texts that `parse` takes, for schemas/*.rng: see patterns.ts. It may take more where no
   * expression could tell (an IPv6 mask written as an address).
   */
  readonly pattern: string;
}

/** One option of a host tool with its arguments, before negation and direction. */
export interface Spelling {
  readonly args: readonly string[];
  /** Another option, of an extension, than the row's. */
  readonly instead?: { readonly module: string; readonly option: string };
}

/**
 * How the parts of a test become arguments. `parts` holds the kernel text of each part, undefined where the rule has
 * none. Answers the alternatives (a rule matches when one of them does; none: it never does), 'any' when everything
 * passes the test, or undefined when the parts given do not make a test.
 */
export type Form = (
  parts: readonly (string | undefined)[],
  context: { readonly mirrored: boolean; readonly negated: boolean },
) => readonly Spelling[] | 'any' | undefined;

/** What becomes of a test when the rule is turned round to meet the other direction. */
export type Mirror =
  | { readonly kind: 'same' }
  | { readonly kind: 'swap'; readonly option: string }
  /** The test is left out. */
  | { readonly kind: 'omit-test' }
  /** The whole rule is left out. */
  | { readonly kind: 'omit-rule' };

export interface TestSpec {
  /** Extension to load first: `-m iprange`. */
  readonly module?: string;
  readonly option: string;
  readonly mirror: Mirror;
  /** Attributes that make the test, the base first. They share one negation. */
  readonly parts: readonly string[];
  readonly form: Form;
  /** Pairs of parts of which the first must not be greater than the second. */
  readonly ascending?: readonly (readonly [from: string, to: string])[];
  /** A value (kernel text) of the first part that the host tools take for something else or not at all, and why. */
  readonly cannot?: { readonly value: string; readonly why: string };
  /** The negation is spent inside `form` (by complement), not by a `!`. */
  readonly complements?: boolean;
}

/** Attributes that are no packet test: they steer the compiler or speak to people. */
export type Role = 'comment' | 'state';

export interface AttributeSpec {
  readonly name: string;
  readonly type: Datatype;
  readonly role?: Role;
  /** One clause for docs/filters.md. */
  readonly about: string;
}

/** Where a protocol's rules go: bridge frames, IPv4 or IPv6 packets. */
export type Layer = 'ethernet' | 'ipv4' | 'ipv6';

export interface ProtocolSpec {
  readonly element: string;
  readonly layer: Layer;
  /** Arguments that select the protocol, before any test: `-p 0x0806`. */
  readonly select: readonly string[];
  /** In canonical order: the order of the writer, of iterators and of "first mentioned". */
  readonly attributes: readonly AttributeSpec[];
  /** In the order in which options are written. */
  readonly tests: readonly TestSpec[];
  /** Attributes one of which must be there with a given value for others to make sense. */
  readonly requires?: readonly Requirement[];
}

/** `attributes` may stand only beside `on` with one of `values` (canonical text). */
export interface Requirement {
  readonly attributes: readonly string[];
  readonly on: string;
  readonly values: readonly string[];
}
