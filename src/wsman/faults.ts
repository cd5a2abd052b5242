/**
 * Every fault a WS-Management service may answer with, as a table. Sources: DSP0226 §14.6 (codes, subcodes, detail URIs),
 * DSP0227 §13, SOAP 1.2 part 1 §5.4, WS-Addressing 2005/08 SOAP binding §6.
 */
import type { Element } from '../xml/element.js';

interface Row {
  /** Whose doing it is: decides the SOAP code and, by the public contract, HTTP 400 or 500. */
  readonly code: 'Sender' | 'Receiver' | 'MustUnderstand' | 'VersionMismatch';
  /** Last segments of the faultDetail URIs that may go with it. */
  readonly details: readonly string[];
}

export const FAULTS = {
  's:MustUnderstand': { code: 'MustUnderstand', details: [] },
  's:VersionMismatch': { code: 'VersionMismatch', details: [] },

  'wsa:ActionNotSupported': { code: 'Sender', details: ['ActionMismatch'] },
  'wsa:DestinationUnreachable': { code: 'Sender', details: ['InvalidResourceURI'] },
  'wsa:EndpointUnavailable': { code: 'Receiver', details: ['ResourceOffline', 'InvalidValues'] },
  'wsa:InvalidMessageInformationHeader': { code: 'Sender', details: ['DuplicateMessageID'] },
  'wsa:MessageInformationHeaderRequired': { code: 'Sender', details: [] },

  'wsman:AccessDenied': { code: 'Sender', details: [] },
  'wsman:AlreadyExists': { code: 'Sender', details: [] },
  'wsman:CannotProcessFilter': { code: 'Sender', details: [] },
  'wsman:Concurrency': { code: 'Sender', details: [] },
  'wsman:EncodingLimit': {
    code: 'Sender',
    details: [
      'URILimitExceeded',
      'MaxEnvelopeSize',
      'MaxEnvelopeSizeExceeded',
      'ServiceEnvelopeLimit',
      'MinimumEnvelopeLimit',
      'SelectorLimit',
      'OptionLimit',
      'CharacterSet',
      'UnsupportedCharacter',
      'UnreportableSuccess',
      'Whitespace',
      'EncodingType',
    ],
  },
  'wsman:EventDeliverToUnusable': { code: 'Sender', details: ['UnusableAddress'] },
  'wsman:FragmentDialectNotSupported': { code: 'Receiver', details: [] },
  'wsman:InternalError': { code: 'Receiver', details: [] },
  'wsman:InvalidBookmark': { code: 'Sender', details: ['Expired', 'Invalid', 'InvalidFormat'] },
  'wsman:InvalidOptions': { code: 'Sender', details: ['NotSupported', 'InvalidName', 'InvalidValue'] },
  'wsman:InvalidParameter': {
    code: 'Sender',
    details: ['TypeMismatch', 'InvalidName', 'MissingValues', 'InvalidValue'],
  },
  'wsman:InvalidSelectors': {
    code: 'Sender',
    details: [
      'InsufficientSelectors',
      'UnexpectedSelectors',
      'TypeMismatch',
      'InvalidValue',
      'AmbiguousSelectors',
      'DuplicateSelectors',
    ],
  },
  /** Of a subscriber: read, never answered. */
  'wsman:DeliveryRefused': { code: 'Receiver', details: [] },
  'wsman:NoAck': { code: 'Sender', details: [] },
  'wsman:QuotaLimit': { code: 'Sender', details: [] },
  'wsman:SchemaValidationError': { code: 'Sender', details: [] },
  'wsman:TimedOut': { code: 'Receiver', details: [] },
  'wsman:UnsupportedFeature': {
    code: 'Sender',
    details: [
      'AuthorizationMode',
      'AddressingMode',
      'Ack',
      'OperationTimeout',
      'Locale',
      'EnumerationMode',
      'ExpirationTime',
      'FragmentLevelAccess',
      'DeliveryRetries',
      'Heartbeats',
      'Bookmarks',
      'MaxElements',
      'MaxTime',
      'MaxEnvelopeSize',
      'MaxEnvelopePolicy',
      'FilteringRequired',
      'InsecureAddress',
      'FormatMismatch',
      'FormatSecurityToken',
      'AsynchronousRequest',
      'OptionSet',
    ],
  },

  'wsmb:PolymorphismModeNotSupported': { code: 'Sender', details: [] },

  'wxf:InvalidRepresentation': {
    code: 'Sender',
    details: ['InvalidValues', 'MissingValues', 'InvalidNamespace', 'InvalidFragment'],
  },

  'wsen:CannotProcessFilter': { code: 'Sender', details: [] },
  'wsen:FilterDialectRequestedUnavailable': { code: 'Sender', details: [] },
  'wsen:FilteringNotSupported': { code: 'Sender', details: [] },
  'wsen:InvalidEnumerationContext': { code: 'Receiver', details: [] },
  'wsen:InvalidExpirationTime': { code: 'Sender', details: [] },
  'wsen:UnsupportedExpirationType': { code: 'Sender', details: [] },
  /** Superseded by wsman:TimedOut. */
  'wsen:TimedOut': { code: 'Receiver', details: [] },

  'wse:DeliveryModeRequestedUnavailable': { code: 'Sender', details: [] },
  'wse:EventSourceUnableToProcess': { code: 'Sender', details: ['UnusableAddress'] },
  'wse:FilteringNotSupported': { code: 'Sender', details: [] },
  'wse:FilteringRequestedUnavailable': { code: 'Sender', details: ['FilteringRequired'] },
  'wse:InvalidExpirationTime': { code: 'Sender', details: ['ExpirationTime'] },
  'wse:UnsupportedExpirationType': { code: 'Sender', details: ['ExpirationTime'] },
  'wse:InvalidMessage': { code: 'Sender', details: ['MissingValues'] },
  'wse:UnableToRenew': { code: 'Sender', details: [] },
} as const satisfies Record<string, Row>;

export type FaultName = keyof typeof FAULTS;
export type FaultDetail<Name extends FaultName> = (typeof FAULTS)[Name]['details'][number];

/** WS-Addressing 2005/08 renamed two subcodes; every other keeps its name. */
export const WSA10_SUBCODES: Readonly<Partial<Record<FaultName, string>>> = {
  'wsa:InvalidMessageInformationHeader': 'wsa:InvalidAddressingHeader',
  'wsa:MessageInformationHeaderRequired': 'wsa:MessageAddressingHeaderRequired',
};

/** What a fault may carry beside its name, detail URI and reason. */
export interface FaultExtras {
  /** Further children of s:Detail. */
  readonly detail?: readonly Element[];
  /** Names of the headers a s:MustUnderstand fault is about. */
  readonly notUnderstood?: readonly { readonly ns: string; readonly local: string }[];
  readonly cause?: unknown;
}

/** A refusal in WS-Management's own words. It never leaves the WS-Management service, which answers with it. */
export class SoapFault extends Error {
  readonly fault: FaultName;
  readonly detail: string | undefined;
  readonly extras: FaultExtras;

  constructor(fault: FaultName, detail: string | undefined, reason: string, extras: FaultExtras) {
    super(reason, extras.cause === undefined ? {} : { cause: extras.cause });
    this.name = 'SoapFault';
    this.fault = fault;
    this.detail = detail;
    this.extras = extras;
  }
}

/** `soapFault('wsman:InvalidSelectors', 'InsufficientSelectors', 'The key Name is missing.')`. */
export function soapFault<Name extends FaultName>(
  fault: Name,
  detail: FaultDetail<Name> | undefined,
  reason: string,
  extras: FaultExtras = {},
): SoapFault {
  return new SoapFault(fault, detail, reason, extras);
}

/** 400 for what the sender did wrong, 500 for what we could not do. */
export function httpStatus(fault: FaultName): 400 | 500 {
  return FAULTS[fault].code === 'Receiver' ? 500 : 400;
}
