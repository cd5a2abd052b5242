import { describe, expect, it } from 'vitest';
import type { Match } from '../../src/model/filter.js';
import { checkMatches, checkValue } from '../../src/protocols/check.js';
import { attributeSpec, inTableOrder, layerOf, protocolSpec } from '../../src/protocols/registry.js';

/** `name=value`, negated with a leading `!`. */
function matches(...texts: string[]): readonly Match[] {
  return texts.map((text) => {
    const [, bang, attribute = '', value = ''] = /^(!?)([^=]+)=(.*)$/.exec(text)!;
    return { attribute, value, negated: bang === '!' };
  });
}

const WHERE = { filter: 'f', rule: 2 };
const faults = (element: string, ...texts: string[]) =>
  checkMatches(protocolSpec(element)!, matches(...texts), WHERE).map(
    ({ code, where, message }) => `${code} ${where?.attribute}: ${message}`,
  );

describe('checkMatches', () => {
  it.each([
    ['ip', 'srcipaddr=10.0.0.0', 'srcipmask=8'],
    ['ip', '!srcipaddr=10.0.0.0', '!srcipmask=8', 'protocol=tcp', 'dstportend=25'],
    ['ip', 'protocol=33', 'srcportstart=1'],
    ['ip', 'protocol=$PROTO', 'srcportstart=1'],
    ['tcp', 'dstportstart=25', 'dstportend=25'],
    ['tcp', 'dstportstart=$A', 'dstportend=1'],
    ['tcp', 'srcipfrom=10.0.0.255', 'srcipto=10.0.1.0'],
    ['tcp-ipv6', 'srcipfrom=::1', 'srcipto=::2'],
    ['tcp-ipv6', 'srcipfrom=::1', 'srcipto=::1'],
    ['icmp', 'type=8', 'code=0'],
    ['ipv6', 'protocol=icmpv6', 'codeend=4'],
    ['arp', 'gratuitous=false'],
    ['tcp', 'comment=x', 'state=NEW'],
    ['tcp', 'flags=$FLAGS'],
    ['ip', 'srcipaddr=$IP', 'srcipmask=$MASK'],
    ['mac'],
  ])('%s %s %s: fine', (element, ...texts) => {
    expect(faults(element, ...texts)).toEqual([]);
  });

  it.each([
    ['ip', ['srcipmask=8'], 'VALUE srcipmask: srcipmask means nothing without srcipaddr'],
    [
      'ip',
      ['srcipaddr=10.0.0.0', '!srcipmask=8'],
      'VALUE srcipaddr: srcipaddr and srcipmask are one test: negate both or neither',
    ],
    [
      'ip',
      ['dstportstart=1'],
      'VALUE dstportstart: dstportstart needs protocol to be one of tcp, udp, 33, sctp',
    ],
    [
      'ip',
      ['!protocol=tcp', 'dstportstart=1'],
      'VALUE dstportstart: dstportstart needs protocol to be one of tcp, udp, 33, sctp',
    ],
    ['ipv6', ['protocol=tcp', 'type=1'], 'VALUE type: type needs protocol to be one of icmpv6'],
    ['tcp', ['srcipto=10.0.0.1'], 'VALUE srcipto: srcipto means nothing without srcipfrom'],
    ['tcp', ['ipsetflags=src'], 'VALUE ipsetflags: ipsetflags means nothing without ipset'],
    ['tcp', ['dstportstart=26', 'dstportend=25'], 'VALUE dstportend: the range from 26 to 25 is empty'],
    ['tcp', ['dstportstart=100', 'dstportend=25'], 'VALUE dstportend: the range from 100 to 25 is empty'],
    [
      'tcp',
      ['srcipfrom=10.0.1.0', 'srcipto=10.0.0.255'],
      'VALUE srcipto: the range from 10.0.1.0 to 10.0.0.255 is empty',
    ],
    ['all-ipv6', ['dstipfrom=::2', 'dstipto=::1'], 'VALUE dstipto: the range from ::2 to ::1 is empty'],
    ['tcp', ['!state=NEW'], 'VALUE state: state is no test and cannot be negated'],
    ['tcp', ['!comment=x'], 'VALUE comment: comment is no test and cannot be negated'],
    ['udp', ['flags=SYN/SYN'], 'SCHEMA flags: <udp> has no attribute flags'],
  ])('%s %j: %s', (element, texts, fault) => {
    expect(faults(element, ...texts)).toEqual([fault]);
  });

  it('finds all faults and says where', () => {
    const found = checkMatches(protocolSpec('ip')!, matches('srcipmask=8', 'dstipmask=8', 'flags=x'), WHERE);
    expect(found.map(({ where }) => where)).toEqual(
      ['flags', 'srcipmask', 'dstipmask'].map((attribute) => ({ ...WHERE, attribute })),
    );
  });
});

describe('checkValue', () => {
  const attribute = (element: string, name: string) => attributeSpec(protocolSpec(element)!, name)!;

  it.each([
    ['tcp', 'srcipaddr', '$IP', '$IP'],
    ['tcp', 'srcipaddr', '$IP[ @0 ]', '$IP'],
    ['tcp', 'srcipaddr', '$IP[@ 2] ', '$IP[@2]'],
    ['tcp', 'srcipaddr', '$IP[002]', '$IP[2]'],
    ['tcp', 'dscp', '0x3f', '63'],
    ['tcp', 'comment', '$not a variable', '$not a variable'],
    ['arp', 'opcode', '2', 'Reply'],
  ])('%s %s=%j → %j', (element, name, text, value) => {
    expect(checkValue(attribute(element, name), text, WHERE)).toEqual({ value });
  });

  it.each([
    ['tcp', 'srcipaddr', '$', '"$" is not a variable reference'],
    ['tcp', 'srcipaddr', '$IP[1001]', '"$IP[1001]" is not a variable reference'],
    ['tcp', 'srcipaddr', '$IP[-1]', '"$IP[-1]" is not a variable reference'],
    ['tcp', 'srcipaddr', ' $IP', '" $IP" must be an IPv4 address'],
    ['tcp', 'dscp', '64', '"64" must be a number from 0 to 63'],
    ['tcp', 'dscp', '\u001b[2J', '"\\x1b[2J" must be a number from 0 to 63'],
  ])('%s %s=%j: %s', (element, name, text, message) => {
    const where = { ...WHERE, attribute: name };
    expect(checkValue(attribute(element, name), text, WHERE)).toEqual({
      fault: { code: 'VALUE', message, where },
    });
  });
});

describe('registry', () => {
  it('puts matches into table order', () => {
    const ordered = inTableOrder(
      protocolSpec('ip')!,
      matches('dscp=1', 'protocol=tcp', 'srcipaddr=10.0.0.1'),
    );
    expect(ordered.map(({ attribute }) => attribute)).toEqual(['srcipaddr', 'protocol', 'dscp']);
  });

  it('knows the layer of every protocol', () => {
    expect([undefined, 'mac', 'ipv6', 'tcp', 'icmpv6', 'ah-ipv6'].map(layerOf)).toEqual([
      'ethernet',
      'ethernet',
      'ethernet',
      'ipv4',
      'ipv6',
      'ipv6',
    ]);
  });
});
