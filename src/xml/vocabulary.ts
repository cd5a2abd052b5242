/**
 * The words of the native documents that belong to no protocol, as rows like those of src/protocols: the reader, the
 * schemas and docs/filters.md follow from them. Source: libvirt's nwfilter format and its filterbinding format.
 */
import { CHAIN_KINDS, chainKind, MAX_CHAIN_LENGTH } from '../model/chains.js';
import type { ErrorCode } from '../model/errors.js';
import { ACTIONS, DIRECTIONS, MAX_PRIORITY, MIN_PRIORITY } from '../model/filter.js';
import { isClaimName, isFilterName, isPortName, MAX_FILTER_NAME, MAX_PORT_NAME } from '../model/names.js';
import { RULE_ID } from '../model/rule-identity.js';
import { PARAMETER_NAME, PARAMETER_VALUE } from '../model/variables.js';
import { comment, mac } from '../protocols/datatypes.js';
import { decimalPattern, wordPattern } from '../protocols/patterns.js';
import type { Datatype } from '../protocols/types.js';

/** Namespace of what nwgate itself keeps in stored files. libvirt passes over it. */
export const NWG_NS = 'http://schemas.nwgate.org/nwfilter/1';

/** Checked text without variables: an attribute's type, or the content of an element. */
export type TextType = Pick<Datatype, 'parse' | 'expects' | 'pattern'>;

/** An attribute outside the protocol elements. */
export interface Word {
  readonly name: string;
  readonly ns?: typeof NWG_NS;
  readonly type: TextType;
  readonly required?: true;
  /** Code of the fault of a bad value; VALUE when absent. */
  readonly code?: ErrorCode;
  /** One clause for docs/filters.md. */
  readonly about: string;
}

/** Text as it stands, when the expression covers all of it. */
function matching(pattern: RegExp, expects: string): TextType {
  return {
    parse: (text) => (pattern.test(text) ? text : undefined),
    expects,
    pattern: pattern.source.replace(/^\^|\$$/g, '').replace(/-\]/g, '\\-]'),
  };
}

const oneOf = (words: readonly string[]): TextType => ({
  parse: (text) => (words.includes(text) ? text : undefined),
  expects: `one of ${words.join(', ')}`,
  pattern: words.join('|'),
});

const FILTER_NAME: TextType = {
  parse: (text) => (isFilterName(text) ? text : undefined),
  expects: `a filter name: 1 to ${MAX_FILTER_NAME} of A-Z a-z 0-9 _ . : + - and no sign but _ in front`,
  pattern: `[A-Za-z0-9_][A-Za-z0-9_.:+\\-]{0,${MAX_FILTER_NAME - 1}}`,
};

const PORT_PATTERN = `[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,${MAX_PORT_NAME - 1}}`;
const CLAIM_PATTERN = `mac:[0-9a-f]{2}(:[0-9a-f]{2}){5}|vm:[A-Za-z0-9_][A-Za-z0-9_.:+\\-]{0,${MAX_FILTER_NAME - 4}}`;

const PORT_NAME: TextType = {
  parse: (text) => (isPortName(text) ? text : undefined),
  expects: `the name of an interface: 1 to ${MAX_PORT_NAME} of A-Z a-z 0-9 _ . @ - and no sign but _ in front`,
  pattern: PORT_PATTERN,
};

const CLAIM_NAME: TextType = {
  parse: (text) => (isClaimName(text) ? text : undefined),
  expects: 'mac: and a MAC address in lower case, or vm: and the name of a machine',
  pattern: CLAIM_PATTERN,
};

const BINDING_NAME: TextType = {
  parse: (text) => PORT_NAME.parse(text) ?? CLAIM_NAME.parse(text),
  expects: `${PORT_NAME.expects}; or ${CLAIM_NAME.expects}`,
  pattern: `(${PORT_PATTERN})|(${CLAIM_PATTERN})`,
};

const chainPrefixes = CHAIN_KINDS.map(({ prefix }) => prefix).filter((prefix) => prefix !== 'root');

const CHAIN: TextType = {
  parse: (text) => (chainKind(text) ? text : undefined),
  expects: `root, or a name of at most ${MAX_CHAIN_LENGTH} characters that starts with ${chainPrefixes.join(', ')}`,
  pattern: [
    'root',
    ...chainPrefixes.map((prefix) => `${prefix}[A-Za-z0-9_.:\\-]{0,${MAX_CHAIN_LENGTH - prefix.length}}`),
  ].join('|'),
};

const PRIORITY: TextType = {
  parse: (text) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    return value >= MIN_PRIORITY && value <= MAX_PRIORITY ? String(value) : undefined;
  },
  expects: `a whole number from ${MIN_PRIORITY} to ${MAX_PRIORITY}`,
  pattern: `-?${decimalPattern(0, MAX_PRIORITY)}`,
};

const STATEMATCH: Readonly<Record<string, string>> = {
  '0': 'false',
  false: 'false',
  '1': 'true',
  true: 'true',
  yes: 'true',
};

/** Canonical in lower case with dashes. */
export const UUID: TextType = {
  parse: (text) => {
    const found = /^(.{8})-(.{4})-(.{4})-(.{4})-(.{12})$|^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(text);
    const groups = found?.slice(1).filter((group) => group !== undefined);
    return groups?.every((group) => /^[0-9a-fA-F]+$/.test(group))
      ? groups.join('-').toLowerCase()
      : undefined;
  },
  expects: 'a UUID',
  pattern: '[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{32}',
};

/** Name of the machine that owns a port: one line, as comments are, without spaces at its ends. */
export const OWNER_NAME: TextType = {
  parse: (text) => (/^ | $/.test(text) ? undefined : comment.parse(text)),
  expects: comment.expects,
  pattern: String.raw`[^\p{Cc}\p{Zl}\p{Zp} ]([^\p{Cc}\p{Zl}\p{Zp}]{0,254}[^\p{Cc}\p{Zl}\p{Zp} ])?`,
};

export const REVISION: Word = {
  name: 'revision',
  ns: NWG_NS,
  type: matching(/^[1-9][0-9]{0,14}$/, 'a positive whole number'),
  about: 'how often the stored document has changed',
};

export const FILTER_WORDS: readonly Word[] = [
  { name: 'name', type: FILTER_NAME, required: true, code: 'NAME', about: 'name of the filter' },
  {
    name: 'chain',
    type: CHAIN,
    code: 'NAME',
    about: 'the chain its Ethernet rules go to; `root` when absent',
  },
  {
    name: 'priority',
    type: PRIORITY,
    about: "order of the chain among chains; the chain's default when absent",
  },
  REVISION,
];

export const RULE_WORDS: readonly Word[] = [
  { name: 'action', type: oneOf(ACTIONS), required: true, about: 'what becomes of the packet' },
  {
    name: 'direction',
    type: oneOf(DIRECTIONS),
    required: true,
    about: 'seen from the guest: `in` is towards it, `out` comes from it',
  },
  { name: 'priority', type: PRIORITY, about: 'order among rules, lower first; 500 when absent' },
  {
    name: 'statematch',
    type: {
      parse: (text) => STATEMATCH[text.toLowerCase()],
      expects: 'true or false',
      pattern: wordPattern(Object.keys(STATEMATCH)),
    },
    about: '`false`: no connection tracking for this rule; on when absent',
  },
  {
    name: 'id',
    ns: NWG_NS,
    type: matching(RULE_ID, 'an id of 1 to 64 of A-Z a-z 0-9 _ . -'),
    about: 'identity of the rule in stored files',
  },
];

export const FILTERREF_WORDS: readonly Word[] = [
  { name: 'filter', type: FILTER_NAME, required: true, code: 'NAME', about: 'name of the filter meant' },
];

export const PARAMETER_WORDS: readonly Word[] = [
  {
    name: 'name',
    type: matching(PARAMETER_NAME, 'a variable name of A-Z a-z 0-9 _'),
    required: true,
    code: 'NAME',
    about: 'name of the variable; repeated, the values make a list',
  },
  {
    name: 'value',
    type: matching(PARAMETER_VALUE, 'one or more of A-Z a-z 0-9 _ . : , / + -'),
    required: true,
    about: 'one value',
  },
];

/** On every protocol element, beside the attributes of its table. */
export const MATCH_WORD: Word = {
  name: 'match',
  type: oneOf(['yes', 'no']),
  about: '`no`: each attribute of this element must NOT match',
};

/** On the root of a stored binding: the claim that made it. */
export const CLAIM: Word = { name: 'claim', ns: NWG_NS, type: CLAIM_NAME, about: 'in stored bindings only' };

export const BINDING_WORDS: readonly Word[] = [REVISION, CLAIM];

/** `portdev`, `linkdev`. */
export const PORT_WORDS: readonly Word[] = [
  {
    name: 'name',
    type: BINDING_NAME,
    required: true,
    code: 'NAME',
    about: "name of the host's interface, mac:MAC or vm:MACHINE",
  },
];

/** `target` in a domain. */
export const DEVICE_WORDS: readonly Word[] = [
  { name: 'dev', type: PORT_NAME, required: true, code: 'NAME', about: "name of the host's interface" },
];

export const MAC_WORDS: readonly Word[] = [
  { name: 'address', type: mac, required: true, about: "MAC address of the guest's interface" },
];

/** On our own `<filterref>` in a domain's `<metadata>`: which of its interfaces is meant. */
export const METADATA_MAC: Word = {
  name: 'mac',
  type: mac,
  required: true,
  about: 'MAC address of the interface the filter is for',
};

/** libvirt notes here which tool it used; nwgate reads over it. */
export const BACKEND_WORDS: readonly Word[] = [
  { name: 'name', type: oneOf(['iptables', 'nftables']), required: true, about: 'the tool libvirt used' },
];
