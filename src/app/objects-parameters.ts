/** ParameterNames and ParameterValues: two arrays that are one list of pairs. */
import type { CimValue } from '../cim/instance.js';
import { type ErrorCode, fail } from '../model/errors.js';
import type { Parameter } from '../model/filter.js';

/** Errors: `code`, when the arrays differ in length. */
export function parameterPairs(
  values: ReadonlyMap<string, CimValue>,
  code: Extract<ErrorCode, 'CIM_PROPERTY' | 'CIM_PARAMETER'>,
): readonly Parameter[] {
  const names = strings(values.get('ParameterNames'));
  const texts = strings(values.get('ParameterValues'));
  if (names.length !== texts.length) {
    const message = `${names.length} ParameterNames and ${texts.length} ParameterValues are no pairs`;
    throw fail(code, message, { attribute: 'ParameterValues' });
  }
  return names.map((name, index) => ({ name, value: texts[index]! }));
}

/** The strings of an array value; none for null. */
export function strings(value: CimValue | undefined): readonly string[] {
  return value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];
}
