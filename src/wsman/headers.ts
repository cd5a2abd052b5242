/** The SOAP headers a request may carry: which we understand, which are obligatory, and what their values are. Source: DSP0226 §5-6. */
import { attribute, type Element, text } from '../xml/element.js';
import { parseDuration } from './duration.js';
import { type FaultName, soapFault } from './faults.js';
import { NS } from './namespaces.js';

/** Local names of the headers we act on (or may rightly do nothing about), by namespace. */
const UNDERSTOOD: Readonly<Record<string, readonly string[]>> = {
  [NS.wsa]: ['To', 'Action', 'MessageID', 'ReplyTo', 'FaultTo', 'From', 'RelatesTo'],
  [NS.wsa10]: ['To', 'Action', 'MessageID', 'ReplyTo', 'FaultTo', 'From', 'RelatesTo'],
  [NS.wsman]: [
    'ResourceURI',
    'SelectorSet',
    'OperationTimeout',
    'OptionSet',
    'MaxEnvelopeSize',
    'Locale',
    'RequestEPR',
    'FragmentTransfer',
    'RequestTotalItemsCountEstimate',
  ],
  [NS.wse]: ['Identifier'],
};

/** Namespaces whose headers may stand in a message once only (DSP0226 R13.1-9). */
const SINGLE = [NS.wsa, NS.wsa10, NS.wsman, NS.wse] as readonly string[];

/** SOAP roles that mean us: the next node, the last one, or none named (SOAP 1.2 part 1 §2.2). */
const OUR_ROLES = ['', `${NS.s}/role/next`, `${NS.s}/role/ultimateReceiver`];

const LONGEST_URI = 2048;

/** True when the sender demands that the header be honoured. */
export function isMandatory(header: Element): boolean {
  const value = attribute(header, 'mustUnderstand', NS.s)?.trim();
  return value === 'true' || value === '1';
}

function isForUs(header: Element): boolean {
  return OUR_ROLES.includes(attribute(header, 'role', NS.s)?.trim() ?? '');
}

/**
 * Headers addressed to us, checked as a whole. Faults: s:MustUnderstand for obligatory headers we do not know,
 * InvalidMessageInformationHeader for one given twice.
 */
export function checkHeaders(headers: readonly Element[]): readonly Element[] {
  const ours = headers.filter(isForUs);
  const unknown = ours.filter(
    (header) => isMandatory(header) && !UNDERSTOOD[header.ns]?.includes(header.local),
  );
  if (unknown.length > 0)
    throw soapFault(
      's:MustUnderstand',
      undefined,
      `not understood: ${unknown.map((header) => header.local).join(', ')}`,
      { notUnderstood: unknown.map(({ ns, local }) => ({ ns, local })) },
    );
  const seen = new Set<string>();
  for (const { ns, local } of ours) {
    if (!SINGLE.includes(ns) || local === 'RelatesTo') continue;
    const name = `${ns} ${local}`;
    if (seen.has(name))
      throw soapFault(
        'wsa:InvalidMessageInformationHeader',
        undefined,
        `the header ${local} is there more than once`,
      );
    seen.add(name);
  }
  return ours;
}

/** The trimmed text of a header that holds a URI. Faults: EncodingLimit when it is longer than 2048 characters. */
export function uriOf(header: Element | undefined): string | undefined {
  if (!header) return undefined;
  const uri = text(header).trim();
  if (uri.length > LONGEST_URI)
    throw soapFault(
      'wsman:EncodingLimit',
      'URILimitExceeded',
      `${header.local} is longer than ${LONGEST_URI} characters`,
    );
  return uri === '' ? undefined : uri;
}

export function required(value: string | undefined, name: string, fault: FaultName): string {
  if (value === undefined) throw soapFault(fault, undefined, `the header ${name} is missing`);
  return value;
}

/** Milliseconds. Faults: SchemaValidationError when it is no duration, UnsupportedFeature when it is not above zero. */
export function readOperationTimeout(header: Element | undefined): number | undefined {
  if (!header) return undefined;
  const milliseconds = parseDuration(text(header));
  if (milliseconds === undefined)
    throw soapFault('wsman:SchemaValidationError', undefined, 'wsman:OperationTimeout is no duration');
  if (milliseconds <= 0)
    throw soapFault('wsman:UnsupportedFeature', 'OperationTimeout', 'an OperationTimeout must be above zero');
  return milliseconds;
}

export interface MaxEnvelopeSize {
  readonly octets: number;
  /** Whether exceeding it is a fault also where a batch cannot be made smaller. */
  readonly mandatory: boolean;
}

/** DSP0226 §6.2. Faults: SchemaValidationError, EncodingLimit/MinimumEnvelopeLimit below 8192 octets. */
export function readMaxEnvelopeSize(header: Element | undefined): MaxEnvelopeSize | undefined {
  if (!header) return undefined;
  const digits = text(header).trim();
  if (!/^\+?\d{1,15}$/.test(digits))
    throw soapFault('wsman:SchemaValidationError', undefined, 'wsman:MaxEnvelopeSize is no positive number');
  const octets = Number(digits);
  if (octets < 8192)
    throw soapFault(
      'wsman:EncodingLimit',
      'MinimumEnvelopeLimit',
      'a MaxEnvelopeSize below 8192 is not served',
    );
  return { octets, mandatory: isMandatory(header) };
}

/** Texts are English: another language demanded is refused, one wished for is not (DSP0226 §6.3). */
export function checkLocale(header: Element | undefined): void {
  if (!header || !isMandatory(header)) return;
  const language = attribute(header, 'lang', NS.xml) ?? '';
  if (!/^en(?:-[A-Za-z0-9]{1,8})*$/i.test(language))
    throw soapFault('wsman:UnsupportedFeature', 'Locale', `no texts in the language '${language}'`);
}
