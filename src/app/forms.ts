/** The forms a policy comes and goes in: how each is told by its document, read and written. */
import type { Transform } from '../mapping/transform.js';
import type { Binding } from '../model/binding.js';
import { fail } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { printable } from '../model/names.js';
import type { Element } from '../xml/element.js';
import { parseXml } from '../xml/parse.js';
import type { Exported, Form, ImportRequest } from './api.js';
import { isDraft, readDraft, writeDraft } from './form-draft.js';
import { NATIVE_ROOTS, readNativePolicy, writeNativePolicy } from './form-native.js';
import { isWscim, readWscim, writeWscim } from './form-wscim.js';

/** What a document says. */
export interface Policy {
  readonly filters: readonly Filter[];
  readonly bindings: readonly Binding[];
  /** What each object of the document became, one line each. */
  readonly report: readonly string[];
}

export interface FormContext {
  readonly transform: Transform;
  /** This host's name in CIM keys. */
  readonly systemName: string;
}

/** What is known about a document beside its root element. */
export interface ReadRequest {
  readonly source: string | undefined;
  readonly name: string | undefined;
}

interface FormRow {
  /** True for the root element of a document of this form. */
  readonly is: (root: Element) => boolean;
  readonly read?: (root: Element, request: ReadRequest, context: FormContext) => Promise<Policy>;
  readonly write?: (filters: readonly Filter[], context: FormContext) => Promise<Exported>;
}

const plain =
  (...names: readonly string[]) =>
  ({ ns, local }: Element) =>
    ns === '' && names.includes(local);

/** A form without `read` and `write` is known and not there yet. MOF is no XML: a document that does not begin with `<`. */
const FORM_ROWS: Readonly<Record<Form, FormRow>> = {
  native: {
    is: plain(...NATIVE_ROOTS),
    read: async (root, request) => readNativePolicy(root, request),
    write: async (filters) => ({ document: writeNativePolicy(filters), leftOut: [] }),
  },
  wscim: { is: isWscim, read: readWscim, write: writeWscim },
  draft: { is: isDraft, read: readDraft, write: writeDraft },
  cimxml: { is: plain('CIM') },
  mof: { is: () => false },
};

/** Errors: those of the XML gate and of the form's reader, FORM_UNKNOWN, USAGE for a form that is not there yet. */
export async function readPolicy(request: ImportRequest, context: FormContext): Promise<Policy> {
  const { document, source, name } = request;
  const wanted = request.form ?? 'auto';
  const asked = wanted === 'auto' ? (isMof(document) ? 'mof' : undefined) : wanted;
  if (asked !== undefined && !FORM_ROWS[asked].read) throw notYet(asked);
  const root = parseXml(document, source === undefined ? {} : { source });
  const form = asked ?? formOf(root, source);
  const { read } = FORM_ROWS[form];
  if (!read) throw notYet(form);
  return read(root, { source, name }, context);
}

/** Errors: FORM_CANNOT_HOLD, USAGE for a form that is not there yet. */
export async function writePolicy(
  form: Form,
  filters: readonly Filter[],
  context: FormContext,
): Promise<Exported> {
  const { write } = FORM_ROWS[form];
  if (!write) throw notYet(form);
  return write(filters, context);
}

function formOf(root: Element, source: string | undefined): Form {
  const found = (Object.keys(FORM_ROWS) as Form[]).find((form) => FORM_ROWS[form].is(root));
  if (found) return found;
  const message = `<${printable(root.local)}> begins no form that is known`;
  throw fail('FORM_UNKNOWN', message, { ...(source !== undefined && { file: source }), ...root.at });
}

const isMof = (document: string) => /^\s*(?:\/\/|\/\*|#pragma|instance\s+of|class\s|\[)/i.test(document);

function notYet(form: Form): Error {
  return fail('USAGE', `the form ${form} is not yet supported`);
}
