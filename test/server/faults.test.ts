import { describe, expect, it } from 'vitest';
import { CATALOGUE, type ErrorCode, EXIT, fail } from '../../src/model/errors.js';
import { asSoapFault, FAULT_OF } from '../../src/server/faults.js';
import { FAULTS, httpStatus, soapFault } from '../../src/wsman/faults.js';

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

  it('pass faults as they are', () => {
    const fault = soapFault('wsman:TimedOut', undefined, 'late');
    expect(asSoapFault(fault, false)).toBe(fault);
  });
});
