/** An error as the instance of CIM_Error that goes into a fault's detail. Sources: DSP0227 §12.1, CIM schema 2.42 (CIM_Error). */
import { classUri } from '../cim/schema.js';
import { CATALOGUE, type ErrorCode, EXIT, type NwgateError } from '../model/errors.js';
import { NS } from '../wsman/namespaces.js';
import { type Element, el } from '../xml/element.js';
import { withoutIllegal } from '../xml/serialise.js';

/** CIM status codes (DSP0200 §5.1.1) and their names. */
const STATUS = {
  FAILED: 1,
  ACCESS_DENIED: 2,
  INVALID_PARAMETER: 4,
  INVALID_CLASS: 5,
  NOT_FOUND: 6,
  NOT_SUPPORTED: 7,
  ALREADY_EXISTS: 11,
  INVALID_QUERY: 15,
  METHOD_NOT_FOUND: 17,
} as const;
type Status = keyof typeof STATUS;

/** Where the code says more than the exit code of its group. */
const BY_CODE: Readonly<Partial<Record<ErrorCode, Status>>> = {
  CIM_QUERY: 'INVALID_QUERY',
  CLASS_NOT_FOUND: 'INVALID_CLASS',
  METHOD_NOT_FOUND: 'METHOD_NOT_FOUND',
  READ_ONLY: 'NOT_SUPPORTED',
  EXISTS: 'ALREADY_EXISTS',
  ACCESS_DENIED: 'ACCESS_DENIED',
};

function statusOf(code: ErrorCode): Status {
  const { exit } = CATALOGUE[code];
  const byGroup = exit === EXIT.input ? 'INVALID_PARAMETER' : exit === EXIT.notFound ? 'NOT_FOUND' : 'FAILED';
  return BY_CODE[code] ?? byGroup;
}

/** Texts that are in the reason already are cut: a fault must fit into 8192 octets (DSP0226 §14). */
const LONGEST = 1000;

/** PerceivedSeverity: nothing was changed, the request has to be another one. */
const MINOR = 3;

export function cimError({ code, message }: NwgateError): Element {
  const status = statusOf(code);
  const ns = classUri('CIM_Error');
  const property = (name: string, content: string) => el(ns, name, {}, content);
  const mark = { ns: NS.wsmb, local: 'IsCIM_Error', value: 'true' };
  return {
    ns,
    local: 'CIM_Error',
    attributes: [mark],
    children: [
      property('CIMStatusCode', String(STATUS[status])),
      property('CIMStatusCodeDescription', `CIM_ERR_${status}`),
      property('Message', withoutIllegal(message.slice(0, LONGEST))),
      property('MessageID', `NWG:${code}`),
      property('OwningEntity', 'nwgate'),
      property('PerceivedSeverity', String(MINOR)),
      property('RecommendedActions', CATALOGUE[code].remedy),
    ],
  };
}
