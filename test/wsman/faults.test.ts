import { describe, expect, it } from 'vitest';
import { writeFault } from '../../src/wsman/answer.js';
import { FAULTS, type FaultName, httpStatus, SoapFault, soapFault } from '../../src/wsman/faults.js';
import { FAULT_ACTION, NS } from '../../src/wsman/namespaces.js';
import { child, childText, type Element, elements } from '../../src/xml/element.js';
import { parseXml } from '../../src/xml/parse.js';

const names = Object.keys(FAULTS) as FaultName[];

function parts(text: string) {
  const root = parseXml(text);
  const header = child(root, NS.s, 'Header') as Element;
  const fault = child(child(root, NS.s, 'Body') as Element, NS.s, 'Fault') as Element;
  const code = child(fault, NS.s, 'Code') as Element;
  const subcode = child(code, NS.s, 'Subcode');
  const detail = child(fault, NS.s, 'Detail');
  return {
    header,
    action: elements(header)
      .find((each) => each.local === 'Action')
      ?.children.join(''),
    code: childText(code, NS.s, 'Value'),
    subcode: subcode && childText(subcode, NS.s, 'Value'),
    detail: detail && childText(detail, NS.wsman, 'FaultDetail'),
  };
}

const addressing = (ns: typeof NS.wsa | typeof NS.wsa10) => ({
  ns,
  messageId: 'uuid:1',
  replyParameters: [],
  faultParameters: [],
});

describe.each(names)('%s', (name) => {
  const [prefix = ''] = name.split(':');

  it('is written with its code, subcode and action, the prefix declared', () => {
    const text = writeFault(new SoapFault(name, undefined, 'why', {}), addressing(NS.wsa), 'uuid:2');
    const { code, subcode, action } = parts(text);
    expect(code).toBe(`s:${FAULTS[name].code}`);
    expect(subcode).toBe(prefix === 's' ? undefined : name);
    expect(text).toContain(`xmlns:${prefix}="${NS[prefix as keyof typeof NS]}"`);
    expect(action).toBe(FAULT_ACTION[prefix === 's' ? 'wsa' : (prefix as keyof typeof FAULT_ACTION)]);
  });

  it('has the HTTP status of its code', () => {
    expect(httpStatus(name)).toBe(FAULTS[name].code === 'Receiver' ? 500 : 400);
  });

  it.each([...FAULTS[name].details, undefined])('carries the detail %s', (detail) => {
    const text = writeFault(new SoapFault(name, detail, 'why', {}), addressing(NS.wsa), 'uuid:2');
    const base = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/';
    expect(parts(text).detail).toBe(detail === undefined ? undefined : base + detail);
  });
});

describe('faults', () => {
  it('use the renamed subcodes in addressing of 2005', () => {
    const fault = soapFault('wsa:MessageInformationHeaderRequired', undefined, 'why');
    const { subcode, action } = parts(writeFault(fault, addressing(NS.wsa10), 'uuid:2'));
    expect(subcode).toBe('wsa:MessageAddressingHeaderRequired');
    expect(action).toBe('http://www.w3.org/2005/08/addressing/fault');
  });

  it('fit into 8192 octets whatever the reason, and hold no illegal character', () => {
    const reason = `\u0007${'long '.repeat(10_000)}`;
    const text = writeFault(
      soapFault('wsman:InternalError', undefined, reason),
      addressing(NS.wsa),
      'uuid:2',
    );
    expect(Buffer.byteLength(text)).toBeLessThan(8192);
    expect(text).toContain('\ufffdlong long');
  });

  it('name every header not understood, in its own namespace or none', () => {
    const notUnderstood = [
      { ns: 'urn:x$&', local: 'A' },
      { ns: '', local: 'B' },
      { ns: NS.s, local: 'Body' },
    ];
    const fault = soapFault('s:MustUnderstand', undefined, 'why', { notUnderstood });
    const text = writeFault(fault, addressing(NS.wsa), 'uuid:2');
    expect(text).toContain(
      '<s:NotUnderstood xmlns:n1="urn:x$&amp;" qname="n1:A"/><s:NotUnderstood qname="B"/><s:NotUnderstood qname="s:Body"/>',
    );
    expect(parts(text).header.children.length).toBeGreaterThan(4);
  });
});
