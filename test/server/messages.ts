/** Looking into answers. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EMBEDDED_PREFIX, WSCIM_OUTPUT } from '../../src/cim/encode.js';
import { bodyOf } from '../../src/wsman/envelope.js';
import { NS } from '../../src/wsman/namespaces.js';
import { attribute, child, childText, type Element, elements, isElement } from '../../src/xml/element.js';
import { parseXml } from '../../src/xml/parse.js';
import { validateXsd } from '../../src/xml/validate.js';

const S = 'http://www.w3.org/2003/05/soap-envelope';

/** `answer`, or whose fault the fault in it is. Throws when the text is no SOAP 1.2 message, or one with something beside the fault. */
export function validSoap(text: string): 'answer' | 'sender' | 'receiver' {
  const body = elements(bodyOf(parseXml(text)));
  const fault = body.find((element) => element.ns === S && element.local === 'Fault');
  if (!fault) return 'answer';
  if (body.length > 1) throw new Error('something beside the fault');
  const code = child(fault, S, 'Code') as Element;
  const reason = childText(child(fault, S, 'Reason') as Element, S, 'Text');
  if (!reason) throw new Error('a fault without reason');
  return childText(code, S, 'Value') === 's:Receiver' ? 'receiver' : 'sender';
}

/** `subcode detail` of the fault in an answer; '' when there is none. */
export function faultIn(text: string): string {
  const subcode = /<s:Subcode><s:Value>([^<]*)</.exec(text)?.[1] ?? '';
  return `${subcode} ${/<wsman:FaultDetail>[^<]*\/([^</]*)</.exec(text)?.[1] ?? ''}`.trim();
}

/** The content of s:Body. */
export function bodyIn(text: string): string {
  return /<s:Body>(.*)<\/s:Body>/s.exec(text)?.[1] ?? '';
}

const SCHEMAS = join(import.meta.dirname, '../../schemas/wscim');

/** What is wrong with the instances in a message by their XML Schemas; abstract views have none. */
export function invalidIn(message: string): readonly string[] {
  const found: string[] = [];
  const visit = (element: Element): void => {
    const path = join(SCHEMAS, `${element.local}.xsd`);
    if (!element.ns.endsWith(`/cim-schema/2/${element.local}`) || !existsSync(path)) {
      elements(element).forEach(visit);
      return;
    }
    // What is embedded has a class of its own.
    const children = element.children.map((node) => {
      const inside = isElement(node) ? embeddedIn(node) : undefined;
      if (inside) visit(inside);
      return inside && isElement(node) ? { ...node, attributes: [] } : node;
    });
    const faults = validateXsd({ ...element, children }, readFileSync(path, 'utf8'), path, WSCIM_OUTPUT);
    found.push(...faults.map((fault) => `${element.local}: ${fault.message}`));
  };
  visit(parseXml(message));
  return found;
}

/** An embedded instance as the element of its class. */
function embeddedIn(property: Element): Element | undefined {
  const type = attribute(property, 'type', NS.xsi);
  const [first] = elements(property);
  if (!type?.startsWith(`${EMBEDDED_PREFIX}:`) || !first) return undefined;
  return { ...property, ns: first.ns, local: type.slice(2, -'_Type'.length), attributes: [] };
}
