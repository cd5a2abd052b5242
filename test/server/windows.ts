/** Requests as WinRM and the CIM cmdlets of PowerShell write them (MS-WSMV), for the tests. */
import { LIST_KEYS, WSEN } from './running.js';

const NAMESPACES = {
  s: 'http://www.w3.org/2003/05/soap-envelope',
  a: 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
  n: WSEN,
  w: 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd',
  p: 'http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd',
  b: 'http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd',
  e: 'http://schemas.xmlsoap.org/ws/2004/08/eventing',
};

export const WMI = 'http://schemas.microsoft.com/wbem/wsman/1/wmi/root/nwgate/';

/** Names with prefixes nobody bound, repeated, of types nobody declared: as they come. */
const OPTIONS: readonly (readonly [name: string, type: string, value: string])[] = [
  ['__MI_CallbackRegistration', 'xs:int', '11'],
  ['wmiarray:__MI_OPERATIONOPTIONS_CHANNELVALUE', 'xs:unsignedInt', '0'],
  ['wmiarray:__MI_OPERATIONOPTIONS_CHANNELVALUE', 'xs:unsignedInt', '1'],
  ['wmi:__MI_OPERATIONOPTIONS_WRITEERRORMODE', 'xs:unsignedInt', '1'],
  ['msftwinrm:UsePreciseArrays', 'xs:boolean', 'true'],
];

export interface Cmdlet {
  readonly action: string;
  readonly resource: string;
  readonly selectors?: Readonly<Record<string, string>>;
  /** Names of options that say yes. */
  readonly options?: readonly string[];
  readonly body?: string;
}

export function cmdlet({ action, resource, selectors = {}, options = [], body = '' }: Cmdlet): string {
  const declared = Object.entries(NAMESPACES).map(([prefix, ns]) => `xmlns:${prefix}="${ns}"`);
  const set = selectorSet(selectors);
  const told = [...options.map((name) => [name, 'xs:boolean', 'true'] as const), ...OPTIONS].map(
    ([name, type, value]) => `<w:Option Name="${name}" Type="${type}">${value}</w:Option>`,
  );
  return `<s:Envelope ${declared.join(' ')}><s:Header><a:To>http://host:5985/wsman</a:To><w:ResourceURI s:mustUnderstand="true">${resource}</w:ResourceURI><a:ReplyTo><a:Address s:mustUnderstand="true">${NAMESPACES.a}/role/anonymous</a:Address></a:ReplyTo><a:Action s:mustUnderstand="true">${action}</a:Action><w:MaxEnvelopeSize s:mustUnderstand="true">512000</w:MaxEnvelopeSize><a:MessageID>uuid:7CEAE5B6-ECE5-4FCC-A6E2-6861A2FBFA99</a:MessageID><w:Locale xml:lang="en-US" s:mustUnderstand="false"/><p:DataLocale xml:lang="en-US" s:mustUnderstand="false"/><p:SessionId s:mustUnderstand="false">uuid:4CEACFD4-CFED-4458-B73F-151723F69274</p:SessionId><p:OperationID s:mustUnderstand="false">uuid:2F63CF20-09DF-276E-8465-1A44373539C7</p:OperationID><p:SequenceId s:mustUnderstand="false">1</p:SequenceId>${set}<w:OptionSet xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${told.join('')}</w:OptionSet><w:OperationTimeout>PT60.000S</w:OperationTimeout></s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}

export function selectorSet(selectors: Readonly<Record<string, string>>): string {
  const all = Object.entries(selectors).map(
    ([name, value]) => `<w:Selector Name="${name}">${value}</w:Selector>`,
  );
  return all.length === 0 ? '' : `<w:SelectorSet>${all.join('')}</w:SelectorSet>`;
}

/** All at once, with references: what every cmdlet that lists asks for. */
export const listing = (inside = '') =>
  `<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements><w:EnumerationMode>EnumerateObjectAndEPR</w:EnumerationMode>${inside}</n:Enumerate>`;

/** An instance as a body, in the namespace of Microsoft's URI. */
export const listBody = (more: Readonly<Record<string, string>>) =>
  `<x:NWG_FilterList xmlns:x="${WMI}NWG_FilterList">${Object.entries({ ...LIST_KEYS, ...more })
    .map(([name, value]) => `<x:${name}>${value}</x:${name}>`)
    .join('')}</x:NWG_FilterList>`;
