/** The forms a policy comes and goes in: how each is told by its document, read and written. */
import { cimxmlInstances, isCimxml } from '../cim/cimxml-read.js';
import { mofInstances } from '../cim/mof-read.js';
import { wscimInstances } from '../cim/neutral.js';
import type { Transform } from '../mapping/transform.js';
import type { Binding } from '../model/binding.js';
import { CATALOGUE, EXIT, type Fault, fail, NwgateError } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { printable } from '../model/names.js';
import type { Element } from '../xml/element.js';
import { parseXml } from '../xml/parse.js';
import type { Classes, Exported, Form, ImportRequest } from './api.js';
import { isWscim, readInstances, writeCimxml, writeMof, writeWscim } from './form-cim.js';
import { isDraft, readDraft, writeDraft } from './form-draft.js';
import { isNative, readNativePolicy, writeNativePolicy } from './form-native.js';

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
  readonly read: (root: Element, request: ReadRequest, context: FormContext) => Promise<Policy>;
  readonly write: (filters: readonly Filter[], context: FormContext, classes: Classes) => Promise<Exported>;
}

const FORM_ROWS: Readonly<Record<Exclude<Form, 'mof'>, FormRow>> = {
  native: {
    is: isNative,
    read: async (root, request) => readNativePolicy(root, request),
    write: async (filters) => ({ document: writeNativePolicy(filters), leftOut: [] }),
  },
  wscim: {
    is: isWscim,
    read: (root, request, context) => readInstances(wscimInstances(root), request, context),
    write: writeWscim,
  },
  cimxml: {
    is: isCimxml,
    read: (root, request, context) => readInstances(cimxmlInstances(root), request, context),
    write: writeCimxml,
  },
  draft: { is: isDraft, read: readDraft, write: writeDraft },
};

/**
 * Characters of a document from which it is read without places first: they are half of what it takes in memory, and instances are
 * asked for theirs in faults alone.
 */
const LONG = 4 * 1024 * 1024;

/** Errors: those of the XML gate and of the form's reader, FORM_UNKNOWN: in every form with the document's file. */
export async function readPolicy(request: ImportRequest, context: FormContext): Promise<Policy> {
  const plain = request.document.length >= LONG;
  try {
    return await readForm(request, context, plain).catch((error: unknown) => {
      if (!plain || !(error instanceof NwgateError) || !error.faults.some(isOfDocument)) throw error;
      return readForm(request, context, false);
    });
  } catch (error) {
    throw request.source === undefined ? error : inFile(error, request.source);
  }
}

/** What the engine or the host lacks is no fault of the document. */
function isOfDocument({ code }: Fault): boolean {
  const { exit } = CATALOGUE[code];
  return exit !== EXIT.internal && exit !== EXIT.host;
}

/** Whoever finds a fault knows its line at most. */
function inFile(error: unknown, file: string): unknown {
  if (!(error instanceof NwgateError)) return error;
  const placed = ({ where, ...fault }: Fault): Fault => {
    const ofDocument = isOfDocument(fault);
    return { ...fault, ...((where || ofDocument) && { where: { ...(ofDocument && { file }), ...where } }) };
  };
  const [first, ...rest] = error.faults.map(placed) as [Fault, ...Fault[]];
  const { details, cause } = error;
  return new NwgateError([first, ...rest], { ...(details !== undefined && { details }), cause });
}

async function readForm(request: ImportRequest, context: FormContext, plain: boolean): Promise<Policy> {
  const { document, source, name } = request;
  const wanted = request.form ?? 'auto';
  if (wanted === 'mof' || (wanted === 'auto' && isMof(document)))
    return readInstances(mofInstances(document), { source, name }, context);
  const root = parseXml(document, { plain, ...(source !== undefined && { source }) });
  const form = wanted === 'auto' ? formOf(root) : wanted;
  // What is read rule by rule keeps the places, for faults that show later.
  if (plain && !CIM_FORMS.includes(form)) return readForm(request, context, false);
  return FORM_ROWS[form].read(root, { source, name }, context);
}

/** Errors: FORM_CANNOT_HOLD, USAGE for another's classes in a form that is no syntax of instances. */
export async function writePolicy(
  form: Form,
  filters: readonly Filter[],
  context: FormContext,
  classes: Classes = 'nwg',
): Promise<Exported> {
  if (classes !== 'nwg' && !CIM_FORMS.includes(form))
    throw fail('USAGE', `classes are those of ${CIM_FORMS.join(', ')}: ${form} has none`);
  const write = form === 'mof' ? writeMof : FORM_ROWS[form].write;
  return write(filters, context, classes);
}

const CIM_FORMS: readonly Form[] = ['wscim', 'cimxml', 'mof'];

function formOf(root: Element): Exclude<Form, 'mof'> {
  const forms = Object.keys(FORM_ROWS) as (keyof typeof FORM_ROWS)[];
  const found = forms.find((form) => FORM_ROWS[form].is(root));
  if (found) return found;
  const message = `<${printable(root.local)}> begins no form that is known`;
  throw fail('FORM_UNKNOWN', message, root.at);
}

/** MOF is no XML: what it begins with, a byte order mark apart. */
const isMof = (document: string) =>
  /^\s*(?:\/\/|\/\*|#\s*pragma|instance\s|class\s|qualifier\s|\[)/i.test(document);
