/** The Identify operation. Sources: DSP0226 §11, DSP0227 §12.1. */
import { el } from '../xml/element.js';
import { serialise } from '../xml/serialise.js';
import { NS, PREFIXES_WITH, SECURITY_PROFILE_BASE } from './namespaces.js';

export interface Identity {
  readonly vendor: string;
  readonly version?: string;
  /** The detail of faults holds a CIM_Error (DSP0227 §12.1). */
  readonly faultsAreCimErrors?: boolean;
  /** Such as `http/basic`. */
  readonly securityProfiles?: readonly string[];
}

/** The whole answer; an Identify needs no addressing, so its answer has none. */
export function writeIdentity(identity: Identity): string {
  const value = (local: string, content: string) => el(NS.wsmid, local, {}, content);
  const profiles = (identity.securityProfiles ?? []).map((name) =>
    value('SecurityProfileName', SECURITY_PROFILE_BASE + name),
  );
  const response = el(
    NS.wsmid,
    'IdentifyResponse',
    {},
    value('ProtocolVersion', NS.wsman),
    value('ProductVendor', identity.vendor),
    ...(identity.version === undefined ? [] : [value('ProductVersion', identity.version)]),
    ...(identity.faultsAreCimErrors ? [el(NS.wsmb, 'Capability_FaultIncludesCIMError')] : []),
    ...(profiles.length === 0 ? [] : [el(NS.wsmid, 'SecurityProfiles', {}, ...profiles)]),
    value('AddressingVersionURI', NS.wsa),
    value('AddressingVersionURI', NS.wsa10),
  );
  return serialise(el(NS.s, 'Envelope', {}, el(NS.s, 'Header'), el(NS.s, 'Body', {}, response)), {
    prefixes: PREFIXES_WITH[NS.wsa],
  });
}
