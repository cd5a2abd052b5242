/**
 * The one catalogue of what can go wrong. Every error that leaves a layer is a `NwgateError` made of `Fault`s;
 * each fault has a code from this table, says where, and why. The command line derives its exit code from the
 * table, WS-Management its SOAP fault (src/server/faults.ts), docs/errors.md its rows: nothing else decides.
 */

/** Process exit codes of the public contract. */
export const EXIT = { internal: 1, input: 2, notFound: 3, conflict: 4, host: 5, notApplied: 6 } as const;

export interface CatalogueEntry {
  readonly exit: (typeof EXIT)[keyof typeof EXIT];
  /** What it means, in one clause. */
  readonly summary: string;
  /** What the reader can do about it. */
  readonly remedy: string;
}

export const CATALOGUE = {
  INTERNAL: {
    exit: EXIT.internal,
    summary: 'a fault in nwgate itself',
    remedy: 'report it with the log line',
  },

  USAGE: {
    exit: EXIT.input,
    summary: 'the command or request was used wrongly',
    remedy: 'see nwgate --help',
  },
  XML_MALFORMED: {
    exit: EXIT.input,
    summary: 'not well-formed XML',
    remedy: 'mend the document at the place named',
  },
  MOF_MALFORMED: {
    exit: EXIT.input,
    summary: 'not MOF, or not what MOF says of instances',
    remedy: 'mend the document at the place named',
  },
  XML_FORBIDDEN: {
    exit: EXIT.input,
    summary: 'XML that is never read: a DTD, an entity, an unknown encoding',
    remedy: 'send plain XML without DOCTYPE in UTF-8 or UTF-16',
  },
  CHARACTER: {
    exit: EXIT.input,
    summary: 'a character that no XML document can carry',
    remedy: 'take it out of the text; the message says which it is',
  },
  LIMIT: {
    exit: EXIT.input,
    summary: 'larger than nwgate accepts',
    remedy: 'send less, or raise the limit in the configuration',
  },
  SCHEMA: {
    exit: EXIT.input,
    summary: 'an element or attribute that does not belong there',
    remedy: 'see docs/filters.md, for other forms docs/forms.md',
  },
  VALUE: {
    exit: EXIT.input,
    summary: 'a value outside what its attribute takes',
    remedy: 'the message says what it takes; for filters see docs/filters.md',
  },
  NAME: {
    exit: EXIT.input,
    summary: 'a name that cannot be used',
    remedy: 'use letters, digits and _, and not many of them',
  },
  REF_LOOP: {
    exit: EXIT.input,
    summary: 'filters that refer to each other in a circle',
    remedy: 'remove one of the references',
  },
  REF_MISSING: {
    exit: EXIT.input,
    summary: 'a reference to a filter that does not exist',
    remedy: 'define that filter first',
  },
  VARIABLE_UNSET: {
    exit: EXIT.input,
    summary: 'a variable without a value',
    remedy: 'pass it with --param NAME=VALUE',
  },
  VARIABLE_VALUE: {
    exit: EXIT.input,
    summary: 'a variable whose value does not fit where it is used',
    remedy: 'change the value or the rule',
  },
  VARIABLE_LENGTH: {
    exit: EXIT.input,
    summary: 'lists of different length under one iterator',
    remedy: 'give the lists equal length or use [@n]',
  },
  NOT_COMPILABLE: {
    exit: EXIT.input,
    summary: 'a rule the host tools cannot express',
    remedy: 'write the rule in another way',
  },
  FORM_UNKNOWN: {
    exit: EXIT.input,
    summary: 'a document in no known form',
    remedy: 'name the form with --format',
  },
  FORM_CANNOT_HOLD: {
    exit: EXIT.input,
    summary: 'something the target form has no place for',
    remedy: 'use a form that can hold it',
  },
  CIM_PROPERTY: {
    exit: EXIT.input,
    summary: 'a property the class does not have, or a value it does not take',
    remedy: 'see schemas/',
  },
  CIM_PARAMETER: {
    exit: EXIT.input,
    summary: 'a method parameter that is missing, unknown or of the wrong type',
    remedy: 'see docs/cim.md',
  },
  CIM_QUERY: {
    exit: EXIT.input,
    summary: 'a query that cannot be read, or that asks for what there is not',
    remedy: 'see docs/wsman.md',
  },
  CIM_SELECTORS: {
    exit: EXIT.input,
    summary: 'selectors that do not name one instance',
    remedy: 'give every key of the class',
  },

  FILTER_NOT_FOUND: { exit: EXIT.notFound, summary: 'no filter of that name', remedy: 'nwgate list' },
  BINDING_NOT_FOUND: {
    exit: EXIT.notFound,
    summary: 'nothing is bound to that port',
    remedy: 'nwgate bindings',
  },
  USER_NOT_FOUND: { exit: EXIT.notFound, summary: 'no user of that name', remedy: 'nwgate user list' },
  CLASS_NOT_FOUND: {
    exit: EXIT.notFound,
    summary: 'no such class or namespace',
    remedy: 'see docs/cim.md for the classes',
  },
  INSTANCE_NOT_FOUND: { exit: EXIT.notFound, summary: 'no such instance', remedy: 'enumerate the class' },
  METHOD_NOT_FOUND: {
    exit: EXIT.notFound,
    summary: 'an operation the class does not have',
    remedy: 'see docs/cim.md',
  },
  FILE_NOT_FOUND: { exit: EXIT.notFound, summary: 'no such file', remedy: 'check the path' },

  EXISTS: {
    exit: EXIT.conflict,
    summary: 'something of that name is there already',
    remedy: 'choose another name or replace it',
  },
  IN_USE: {
    exit: EXIT.conflict,
    summary: 'still used by a port or a filter',
    remedy: 'unbind or remove the reference first',
  },
  STALE: {
    exit: EXIT.conflict,
    summary: 'changed by somebody else in the meantime',
    remedy: 'read it again and repeat the change',
  },
  ADDRESS_IN_USE: {
    exit: EXIT.conflict,
    summary: 'another program listens on that address',
    remedy: 'end that program, or choose another address with --listen',
  },
  BUSY: {
    exit: EXIT.conflict,
    summary: 'another nwgate works on this state directory',
    remedy: 'wait, or talk to the running gateway',
  },
  READ_ONLY: {
    exit: EXIT.conflict,
    summary: 'something that cannot be written',
    remedy: 'see docs/cim.md for what can',
  },
  WIDENING: {
    exit: EXIT.conflict,
    summary: 'a write that would drop a constraint its class cannot show',
    remedy: 'write through the NWG_ class',
  },

  HOST_LACKS: {
    exit: EXIT.host,
    summary: 'the host lacks a tool or a kernel feature',
    remedy: 'nwgate doctor',
  },
  PORT_MISSING: {
    exit: EXIT.host,
    summary: 'no such network interface',
    remedy: 'the rules wait until it appears',
  },
  DISK: {
    exit: EXIT.host,
    summary: 'the state directory cannot be read or written',
    remedy: 'check space and permissions',
  },

  ACCESS_DENIED: { exit: EXIT.input, summary: 'the user may not do this', remedy: 'ask for another role' },
  NOT_APPLIED: {
    exit: EXIT.notApplied,
    summary: 'the kernel refused the rules; everything is as before',
    remedy: 'see the details',
  },
  DIFFERS: {
    exit: EXIT.notApplied,
    summary: 'the kernel does not hold what it should',
    remedy: 'nwgate verify --repair',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof CATALOGUE;

/** Where a fault lies. Lines and columns count from 1; `rule` is the rule's position in its filter, from 1. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly filter?: string;
  readonly rule?: number;
  readonly attribute?: string;
}

export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: Place;
}

/** `file.xml:3:14` or `filter no-smtp, rule 2, dstportstart`: as much as is known; '' when nothing is. */
export function formatPlace(place: Place | undefined): string {
  if (!place) return '';
  const position = [place.file, place.line, place.column].filter((part) => part !== undefined).join(':');
  const parts = [
    position && place.file === undefined ? `line ${position}` : position,
    place.filter !== undefined ? `filter ${place.filter}` : '',
    place.rule !== undefined ? `rule ${place.rule}` : '',
    place.attribute ?? '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** `<place>: <message>`, one line. */
export function formatFault(fault: Fault): string {
  const place = formatPlace(fault.where);
  return place === '' ? fault.message : `${place}: ${fault.message}`;
}

/**
 * What every layer throws: one fault or several of the same operation. `code` is the first fault's.
 * `details` is free text for the curious (a tool's own words), never needed to understand the message.
 */
export class NwgateError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];
  readonly details: string | undefined;

  constructor(
    faults: Fault | readonly [Fault, ...Fault[]],
    options: { details?: string; cause?: unknown } = {},
  ) {
    const list: readonly [Fault, ...Fault[]] = isList(faults) ? faults : [faults];
    super(list.map(formatFault).join('\n'), options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'NwgateError';
    this.code = list[0].code;
    this.faults = list;
    this.details = options.details;
  }

  /** The exit code the command line ends with. */
  get exit(): number {
    return CATALOGUE[this.code].exit;
  }
}

function isList(faults: Fault | readonly [Fault, ...Fault[]]): faults is readonly [Fault, ...Fault[]] {
  return Array.isArray(faults);
}

/** A `NwgateError` of one fault. */
export function fail(
  code: ErrorCode,
  message: string,
  where?: Place,
  options: { details?: string; cause?: unknown } = {},
): NwgateError {
  return new NwgateError(where ? { code, message, where } : { code, message }, options);
}

/** Throws when there are faults; collects what a reader found in one pass. */
export function throwIfAny(faults: readonly Fault[]): void {
  const [first, ...rest] = faults;
  if (first) throw new NwgateError([first, ...rest]);
}
