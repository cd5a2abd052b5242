/** Access to parts of an instance. Source: DSP0226 §7.7 and annex D (the paths every service knows). */
import { attribute, type Element, el, elements, isElement, text } from '../xml/element.js';
import { soapFault } from './faults.js';
import { isMandatory } from './headers.js';
import { DIALECT, NS } from './namespaces.js';

/** What a path leads to: a property, one of its elements, or the text in it. */
export interface FragmentPath {
  /** Class named in front, if any. */
  readonly className: string | undefined;
  readonly property: string;
  /** From 0. */
  readonly index: number | undefined;
  readonly asText: boolean;
}

export interface Fragment {
  readonly path: FragmentPath;
  /** The header as it came: the answer repeats it. */
  readonly header: Element;
}

const DIALECTS: readonly string[] = [DIALECT.xpath, DIALECT.xpath1, DIALECT.xpath2];

const NAME = '(?:[A-Za-z_][\\w.-]*:)?([A-Za-z_]\\w*)';
const PATH = new RegExp(`^(?:/?${NAME}/|\\./)?${NAME}(?:\\[([1-9]\\d{0,8})\\])?(/text\\(\\))?$`);

/** Faults: InvalidMessageInformationHeader where it is not marked mustUnderstand, FragmentDialectNotSupported, CannotProcessFilter. */
export function readFragment(header: Element | undefined): Fragment | undefined {
  if (!header) return undefined;
  if (!isMandatory(header))
    throw soapFault(
      'wsa:InvalidMessageInformationHeader',
      undefined,
      'wsman:FragmentTransfer must be marked s:mustUnderstand',
    );
  const dialect = attribute(header, 'Dialect')?.trim() ?? DIALECT.xpath;
  if (!DIALECTS.some((known) => known.toLowerCase() === dialect.toLowerCase()))
    throw soapFault(
      'wsman:FragmentDialectNotSupported',
      undefined,
      `the fragment dialect ${dialect} is not supported`,
      { detail: DIALECTS.map((known) => el(NS.wsman, 'FragmentDialect', {}, known)) },
    );
  const found = PATH.exec(text(header).trim());
  const [, className, property, index, end] = found ?? [];
  if (property === undefined)
    throw soapFault(
      'wsman:CannotProcessFilter',
      undefined,
      'a fragment is Property, Property[n], either with /text(), or with /Class/ in front',
    );
  const path = {
    className,
    property,
    index: index === undefined ? undefined : Number(index) - 1,
    asText: end !== undefined,
  };
  return { path, header };
}

/** A wsman:XmlFragment of elements or text; nil where there is nothing. */
export function xmlFragment(content: readonly (Element | string)[]): Element {
  const nil = { ns: NS.xsi, local: 'nil', value: 'true' };
  const attributes = content.length === 0 ? [nil] : [];
  return { ns: NS.wsman, local: 'XmlFragment', attributes, children: content };
}

/** What a wsman:XmlFragment in a request holds. */
export interface FragmentContent {
  readonly elements: readonly Element[];
  /** Of a fragment without elements; undefined for nil. */
  readonly text: string | undefined;
}

/** Faults: InvalidRepresentation/InvalidFragment where the body is no wsman:XmlFragment of elements or of text. */
export function readXmlFragment(body: readonly Element[]): FragmentContent {
  const [fragment, ...others] = body;
  const refuse = (reason: string) => soapFault('wxf:InvalidRepresentation', 'InvalidFragment', reason);
  if (fragment?.ns !== NS.wsman || fragment.local !== 'XmlFragment' || others.length > 0)
    throw refuse('the body must hold one wsman:XmlFragment');
  const inside = elements(fragment);
  const words = fragment.children.filter((node) => !isElement(node)).join('');
  if (inside.length > 0 && words.trim() !== '') throw refuse('a fragment holds elements or text, not both');
  const nil = ['true', '1'].includes(attribute(fragment, 'nil', NS.xsi)?.trim() ?? '');
  return { elements: inside, text: inside.length > 0 || nil ? undefined : words };
}
