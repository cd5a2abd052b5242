/**
 * Validation against a schema by libxml2, the only importer of libxmljs2. Its libxml2 is of 2019, so it never sees a
 * document as it came: only the text of a tree that passed the gate (parse.ts).
 */
import libxml from 'libxmljs2';
import type { Fault } from '../model/errors.js';
import type { Element } from './element.js';
import { type SerialiseOptions, serialise } from './serialise.js';

/** What libxmljs2 does and its types do not say. */
interface Validating {
  rngValidate(schema: libxml.Document): boolean;
}

/** No network, no entities, no DTD: the text has none, and if it had they would not be read. */
const OPTIONS = { nonet: true, noent: false, dtdload: false } as const;

const schemas = new Map<string, libxml.Document>();

/**
 * Faults of a document by a RELAX NG schema (its text, from schemas/); none when it is valid. They have no places: the
 * reader has.
 */
export function validateRelaxNg(root: Element, schema: string): readonly Fault[] {
  let compiled = schemas.get(schema);
  if (!compiled) {
    compiled = libxml.parseXml(schema, OPTIONS);
    schemas.set(schema, compiled);
  }
  const document = libxml.parseXml(serialise(root), OPTIONS);
  const valid = (document as libxml.Document & Validating).rngValidate(compiled);
  return valid ? [] : faultsOf(document);
}

/**
 * As `validateRelaxNg`, by an XML Schema. `location` is the schema's own path: what it imports is read beside it. `options`
 * bind the prefixes that values such as xsi:type use.
 */
export function validateXsd(
  root: Element,
  schema: string,
  location: string,
  options: SerialiseOptions,
): readonly Fault[] {
  const compiled = libxml.parseXml(schema, { ...OPTIONS, baseUrl: location });
  const document = libxml.parseXml(serialise(root, options), OPTIONS);
  return document.validate(compiled) ? [] : faultsOf(document);
}

function faultsOf(document: libxml.Document): readonly Fault[] {
  const messages = document.validationErrors.map(({ message }) => message.trim());
  return [...new Set(messages)].map((message) => ({ code: 'SCHEMA', message }));
}
