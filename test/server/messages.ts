/** Looking into answers. */
import { bodyOf } from '../../src/wsman/envelope.js';
import { child, childText, type Element, elements } from '../../src/xml/element.js';
import { parseXml } from '../../src/xml/parse.js';

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
