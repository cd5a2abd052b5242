/** Which SOAP fault each of our errors becomes. The only such table: WS-Management reads it; the SOAP service carries the code itself. */
import { type ErrorCode, NwgateError } from '../model/errors.js';
import { type FaultDetail, type FaultName, SoapFault, soapFault } from '../wsman/faults.js';
import { el } from '../xml/element.js';
import { cimError } from './cim-error.js';

interface Row {
  readonly fault: FaultName;
  readonly detail?: string;
  /** In a method call, where the input is parameters and not a representation. */
  readonly invoked?: { readonly fault: FaultName; readonly detail?: string };
}

function row<Name extends FaultName>(fault: Name, detail?: FaultDetail<Name>): Row {
  return detail === undefined ? { fault } : { fault, detail };
}

/** What the sender wrote does not do. */
const CONTENT: Row = {
  ...row('wxf:InvalidRepresentation', 'InvalidValues'),
  invoked: row('wsman:InvalidParameter', 'InvalidValue'),
};
const NOT_FOUND = row('wsa:DestinationUnreachable');
const OURS = row('wsman:InternalError');

/** Follows DSP0227 §13 where a CIM status says the same. */
export const FAULT_OF: Readonly<Record<ErrorCode, Row>> = {
  INTERNAL: OURS,
  USAGE: CONTENT,
  XML_MALFORMED: { ...row('wsman:SchemaValidationError'), invoked: CONTENT.invoked! },
  MOF_MALFORMED: CONTENT,
  XML_FORBIDDEN: { ...row('wsman:SchemaValidationError'), invoked: CONTENT.invoked! },
  CHARACTER: row('wsman:EncodingLimit', 'UnsupportedCharacter'),
  LIMIT: row('wsman:EncodingLimit', 'ServiceEnvelopeLimit'),
  SCHEMA: CONTENT,
  VALUE: CONTENT,
  NAME: CONTENT,
  REF_LOOP: CONTENT,
  REF_MISSING: CONTENT,
  VARIABLE_UNSET: CONTENT,
  VARIABLE_VALUE: CONTENT,
  VARIABLE_LENGTH: CONTENT,
  NOT_COMPILABLE: CONTENT,
  FORM_UNKNOWN: CONTENT,
  FORM_CANNOT_HOLD: CONTENT,
  CIM_PROPERTY: CONTENT,
  CIM_PARAMETER: row('wsman:InvalidParameter'),
  CIM_QUERY: row('wsen:CannotProcessFilter'),
  CIM_SELECTORS: row('wsman:InvalidSelectors', 'InvalidValue'),
  FILTER_NOT_FOUND: NOT_FOUND,
  BINDING_NOT_FOUND: NOT_FOUND,
  USER_NOT_FOUND: NOT_FOUND,
  CLASS_NOT_FOUND: row('wsa:DestinationUnreachable', 'InvalidResourceURI'),
  INSTANCE_NOT_FOUND: NOT_FOUND,
  METHOD_NOT_FOUND: row('wsa:ActionNotSupported'),
  FILE_NOT_FOUND: NOT_FOUND,
  EXISTS: row('wsman:AlreadyExists'),
  IN_USE: row('wsman:Concurrency'),
  STALE: row('wsman:Concurrency'),
  ADDRESS_IN_USE: row('wsman:Concurrency'),
  BUSY: row('wsman:Concurrency'),
  READ_ONLY: row('wsa:ActionNotSupported', 'ActionMismatch'),
  WIDENING: CONTENT,
  HOST_LACKS: row('wsa:EndpointUnavailable'),
  PORT_MISSING: row('wsa:EndpointUnavailable', 'ResourceOffline'),
  DISK: OURS,
  ACCESS_DENIED: row('wsman:AccessDenied'),
  NOT_APPLIED: OURS,
  DIFFERS: OURS,
};

/** Namespace of what we add to s:Detail. */
export const FAULT_NS = 'http://schemas.nwgate.org/wsman/1/fault';

/**
 * The fault that says what went wrong. Anything unforeseen is an InternalError that says nothing about our inside. `known`: the
 * detail, where the caller knows it better than the table.
 */
export function asSoapFault(error: unknown, invoked: boolean, known?: string): SoapFault {
  if (error instanceof SoapFault) return error;
  if (!(error instanceof NwgateError))
    return soapFault('wsman:InternalError', undefined, 'a fault in nwgate itself', { cause: error });
  const found = FAULT_OF[error.code];
  const { fault, detail } = (invoked && found.invoked) || found;
  const code = el(FAULT_NS, 'ErrorCode', {}, error.code);
  return new SoapFault(fault, known ?? detail, error.message, {
    detail: [code, cimError(error)],
    cause: error,
  });
}
