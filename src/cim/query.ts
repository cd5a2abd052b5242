/** What a query says, whatever language it was written in: WQL, CQL or XPath. Source: DSP0202 (CQL), DSP0226 §8.3 and annex D. */

/** A property of the instance, or of what a reference or an embedded instance of it holds: `GroupComponent.Name`. */
export interface PropertyTerm {
  readonly kind: 'property';
  readonly path: readonly string[];
  /** One element of an array, from 0. */
  readonly index?: number;
}

export type Term =
  | PropertyTerm
  | { readonly kind: 'literal'; readonly value: string | number | bigint | boolean };

export const COMPARISONS = ['=', '<>', '<', '<=', '>', '>='] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** Truth is three-valued, as in SQL: what compares with null is neither true nor false. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Term;
      readonly right: Term;
    }
  | { readonly kind: 'null'; readonly term: PropertyTerm }
  | { readonly kind: 'like'; readonly term: PropertyTerm; readonly pattern: string }
  | {
      readonly kind: 'text';
      readonly test: 'contains' | 'starts-with';
      readonly terms: readonly [Term, Term];
    }
  /** Without a term: the instance itself. */
  | { readonly kind: 'isa'; readonly term: PropertyTerm | undefined; readonly className: string }
  /** False where the part is neither true nor false: XPath knows two values. */
  | { readonly kind: 'definite'; readonly part: Condition };

export interface Select {
  /** As written. */
  readonly className: string;
  /** Names of the properties wanted; undefined: all. */
  readonly properties: readonly string[] | undefined;
  /** Undefined: all instances. */
  readonly where: Condition | undefined;
}

/** Every property term of a condition. */
export function termsOf(condition: Condition): readonly PropertyTerm[] {
  const properties = (...terms: readonly (Term | undefined)[]) =>
    terms.filter((term): term is PropertyTerm => term?.kind === 'property');
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.flatMap(termsOf);
    case 'not':
    case 'definite':
      return termsOf(condition.part);
    case 'compare':
      return properties(condition.left, condition.right);
    case 'text':
      return properties(...condition.terms);
    default:
      return properties(condition.term);
  }
}
