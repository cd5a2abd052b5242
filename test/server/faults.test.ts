import { describe, expect, it } from 'vitest';
import { CATALOGUE, type ErrorCode, EXIT, fail } from '../../src/model/errors.js';
import { asSoapFault, FAULT_OF } from '../../src/server/faults.js';
import { writeFault } from '../../src/wsman/answer.js';
import { FAULTS, httpStatus, soapFault } from '../../src/wsman/faults.js';
import { NS } from '../../src/wsman/namespaces.js';
import { faultIn } from './messages.js';
import { CLASS, envelope, post, run } from './running.js';

const codes = Object.keys(CATALOGUE) as ErrorCode[];

describe('faults of our errors', () => {
  it.each(codes)('%s has one that exists, with a detail that goes with it', (code) => {
    for (const row of [FAULT_OF[code], FAULT_OF[code].invoked])
      if (row?.detail !== undefined) expect(FAULTS[row.fault].details).toContain(row.detail);
    expect(Object.keys(FAULTS)).toContain(FAULT_OF[code].fault);
  });

  it.each(codes)('%s is the side that the exit code blames too', (code) => {
    const ours = [EXIT.internal, EXIT.host, EXIT.notApplied].some((exit) => exit === CATALOGUE[code].exit);
    expect(httpStatus(asSoapFault(fail(code, 'why'), false).fault)).toBe(ours ? 500 : 400);
    expect(httpStatus(asSoapFault(fail(code, 'why'), true).fault)).toBe(ours ? 500 : 400);
  });

  it.each([
    ['HOST_LACKS', 'wsa:EndpointUnavailable'],
    ['PORT_MISSING', 'wsa:EndpointUnavailable ResourceOffline'],
  ] as const)('%s reaches the client as %s, with an instance of CIM_Error', async (code, expected) => {
    const server = await run();
    server.objects.method = () => Promise.reject(fail(code, 'why'));
    const resource = `${CLASS}NWG_FilterService`;
    const { status, text } = await post(server, envelope({ action: `${resource}/VerifyHost`, resource }));
    expect([status, faultIn(text)]).toEqual([500, expected]);
    expect(text).toMatch(/<(\w+):CIM_Error wsmb:IsCIM_Error="true"><\1:CIMStatusCode>\d+</);
    expect(text).toContain(`MessageID>NWG:${code}<`);
  });

  it('stay below 8192 octets, however long the reason', () => {
    const fault = asSoapFault(fail('CIM_QUERY', 'é'.repeat(50_000)), false);
    const addressing = { ns: NS.wsa, messageId: 'uuid:1', replyParameters: [], faultParameters: [] } as const;
    expect(Buffer.byteLength(writeFault(fault, addressing, 'uuid:2'))).toBeLessThan(8192);
  });

  it('are XML whatever the reason holds', async () => {
    const server = await run();
    server.objects.method = () => Promise.reject(fail('VALUE', 'bell \u0007'));
    const resource = `${CLASS}NWG_FilterService`;
    const { text } = await post(server, envelope({ action: `${resource}/VerifyHost`, resource }));
    expect(faultIn(text)).toBe('wsman:InvalidParameter InvalidValue');
    expect(text.match(/bell \ufffd/g)).toHaveLength(2);
  });

  it('pass faults as they are', () => {
    const fault = soapFault('wsman:TimedOut', undefined, 'late');
    expect(asSoapFault(fault, false)).toBe(fault);
  });
});
