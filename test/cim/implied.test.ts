import { describe, expect, it } from 'vitest';
import { withTrueImplications } from '../../src/cim/implied.js';
import type { CimValue } from '../../src/cim/instance.js';
import { instance } from '../../src/cim/views.js';

const implied = (values: Record<string, CimValue>) =>
  withTrueImplications(instance('NWG_IPHeadersFilter', values)).properties.get('ImpliedProperties');
const both = { ImpliedProperties: ['HdrSrcPortEnd', 'HdrDestPortEnd'] };

describe('implied properties', () => {
  it('stay while the end is the start', () => {
    const ports = { HdrSrcPortStart: 1, HdrSrcPortEnd: 1, HdrDestPortStart: 25, HdrDestPortEnd: 25 };
    expect(implied({ ...ports, ...both })).toEqual(['HdrSrcPortEnd', 'HdrDestPortEnd']);
    expect(implied({ ...ports, HdrDestPortEnd: 26, ...both })).toEqual(['HdrSrcPortEnd']);
    expect(implied({ ...ports, HdrDestPortEnd: 26, ImpliedProperties: ['HdrDestPortEnd'] })).toBeUndefined();
    expect(implied(ports)).toBeUndefined();
    expect(implied(both)).toBeUndefined();
  });

  it('compare variables', () => {
    const variables = (a: string, b: string) => ({
      VariableProperties: ['HdrDestPortEnd', 'HdrDestPortStart'],
      VariableExpressions: [a, b],
      ImpliedProperties: ['HdrDestPortEnd'],
    });
    expect(implied(variables('$P', '$P'))).toEqual(['HdrDestPortEnd']);
    expect(implied(variables('$Q', '$P'))).toBeUndefined();
  });
});
