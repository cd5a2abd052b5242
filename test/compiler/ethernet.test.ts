/** Lines of frames' rules. The cases are those of libvirt's own tests where it has one (its chain names are others). */
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.js';
import { NwgateError } from '../../src/model/errors.js';
import type { Rule } from '../../src/model/filter.js';
import { compiled, filter, linesOf, rule } from './build.js';

const lines = (...rules: Rule[]) => linesOf(compiled(rules), 'ebtables');
const refusal = (...rules: Rule[]) => {
  try {
    compiled(rules);
  } catch (error) {
    if (error instanceof NwgateError)
      return error.faults.map(({ code, where }) => `${code} ${where?.filter} ${where?.rule}`);
  }
  throw new Error('it was compiled');
};

const SOURCE = ['srcmacaddr=01:02:03:04:05:06', 'srcmacmask=ff:ff:ff:ff:ff:ff'];
const BOTH = [...SOURCE, 'dstmacaddr=aa:bb:cc:dd:ee:ff', 'dstmacmask=ff:ff:ff:ff:ff:ff'];
const S = '-s 01:02:03:04:05:06/ff:ff:ff:ff:ff:ff';
const SD = `${S} -d aa:bb:cc:dd:ee:ff/ff:ff:ff:ff:ff:ff`;

describe('Ethernet rules', () => {
  it('mac', () => {
    expect(lines(rule('accept out mac', ...SOURCE, 'protocolid=arp'))).toEqual([
      `from ${S} -p 0x0806 -j ACCEPT`,
    ]);
    expect(lines(rule('drop in mac', 'srcmacaddr!=52:54:00:12:34:56'))).toEqual([
      'to -s ! 52:54:00:12:34:56 -j DROP',
    ]);
  });

  it('vlan, turned round for what the guest sends', () => {
    expect(lines(rule('continue inout vlan', ...BOTH, 'vlanid=291'))).toEqual([
      'from -d 01:02:03:04:05:06/ff:ff:ff:ff:ff:ff -s aa:bb:cc:dd:ee:ff/ff:ff:ff:ff:ff:ff -p 0x8100 --vlan-id 291 -j CONTINUE',
      `to ${SD} -p 0x8100 --vlan-id 291 -j CONTINUE`,
    ]);
    expect(lines(rule('reject in vlan', 'encap-protocol=arp'))).toEqual([
      'to -p 0x8100 --vlan-encap 0x0806 -j DROP',
    ]);
  });

  it('stp in a chain of its own', () => {
    const stp = filter(
      'stp',
      [
        rule('continue in stp', ...SOURCE, 'type=18', 'flags=68'),
        rule(
          'return out stp',
          ...SOURCE,
          'root-priority=4660',
          'root-priority-hi=9029',
          'root-address=06:05:04:03:02:01',
          'root-address-mask=ff:ff:ff:ff:ff:ff',
          'root-cost=287454020',
          'root-cost-hi=573785173',
        ),
        rule(
          'reject in stp',
          'sender-priority=4660',
          'sender-address=06:05:04:03:02:01',
          'port=123',
          'port-hi=234',
          'age=5544',
          'age-hi=5555',
          'max-age=7777',
          'max-age-hi=8888',
          'hello-time=12345',
          'hello-time-hi=12346',
          'forward-delay=54321',
          'forward-delay-hi=65432',
        ),
      ],
      'stp-xyz',
    );
    const group = '-d 01:80:c2:00:00:00';
    expect(linesOf(compiled(stp), 'ebtables')).toEqual([
      `from ${group} -j stp-xyz`,
      `from/stp-xyz ${S} ${group} --stp-root-prio 4660:9029 --stp-root-addr 06:05:04:03:02:01/ff:ff:ff:ff:ff:ff --stp-root-cost 287454020:573785173 -j RETURN`,
      `to ${group} -j stp-xyz`,
      `to/stp-xyz ${S} ${group} --stp-type 18 --stp-flags 68 -j CONTINUE`,
      `to/stp-xyz ${group} --stp-sender-prio 4660 --stp-sender-addr 06:05:04:03:02:01 --stp-port 123:234 --stp-msg-age 5544:5555 --stp-max-age 7777:8888 --stp-hello-time 12345:12346 --stp-forward-delay 54321:65432 -j DROP`,
    ]);
  });

  it('refuses what would need an option twice, at its place', () => {
    expect(refusal(rule('drop in -'), rule('drop inout stp', 'srcmacaddr=01:02:03:04:05:06'))).toEqual([
      'NOT_COMPILABLE f 2',
    ]);
    expect(lines(rule('drop inout stp', 'type=0'))).toHaveLength(2);
    expect(lines(rule('drop out stp', 'srcmacaddr=01:02:03:04:05:06'))).toHaveLength(1);
  });

  it('refuses a part without its base', () => {
    expect(refusal(rule('drop in ip', 'srcipmask=24'))).toEqual(['NOT_COMPILABLE f 1']);
  });

  it.each([
    ['arp', '0x0806'],
    ['rarp', '0x8035'],
  ])('%s', (element, type) => {
    expect(
      lines(
        rule(
          `accept out ${element}`,
          ...BOTH,
          'hwtype=12',
          'protocoltype=34',
          'opcode=Request',
          'arpsrcmacaddr=01:02:03:04:05:06',
          'arpdstmacaddr=0a:0b:0c:0d:0e:0f',
        ),
        rule(`accept in ${element}`, 'gratuitous=true'),
        rule(`accept in ${element}`, 'gratuitous!=true'),
        rule(`accept in ${element}`, 'gratuitous=false'),
        rule(`drop inout ${element}`, 'arpsrcipaddr=10.0.0.0', 'arpsrcipmask=8', 'arpdstipaddr!=10.0.0.1'),
      ),
    ).toEqual([
      `from ${SD} -p ${type} --arp-htype 12 --arp-ptype 0x0022 --arp-opcode 1 --arp-mac-src 01:02:03:04:05:06 --arp-mac-dst 0a:0b:0c:0d:0e:0f -j ACCEPT`,
      `from -p ${type} --arp-ip-dst 10.0.0.0/8 --arp-ip-src ! 10.0.0.1 -j DROP`,
      `to -p ${type} --arp-gratuitous -j ACCEPT`,
      `to -p ${type} ! --arp-gratuitous -j ACCEPT`,
      `to -p ${type} -j ACCEPT`,
      `to -p ${type} --arp-ip-src 10.0.0.0/8 --arp-ip-dst ! 10.0.0.1 -j DROP`,
    ]);
  });

  it('ip', () => {
    const ports = ['srcportstart=20', 'srcportend=22', 'dstportstart=100', 'dstportend=101'];
    const addresses = ['srcipaddr=10.1.2.3', 'srcipmask=32', 'dstipaddr=10.1.2.3', 'dstipmask=32'];
    expect(lines(rule('accept out ip', ...BOTH, ...addresses, 'protocol=udp', ...ports))).toEqual([
      `from ${SD} -p 0x0800 --ip-source 10.1.2.3/32 --ip-destination 10.1.2.3/32 --ip-protocol 17 --ip-source-port 20:22 --ip-destination-port 100:101 -j ACCEPT`,
    ]);
  });

  it('a DSCP as the four octets that carry it, negated as all others', () => {
    expect(lines(rule('drop in ip', 'dscp=63'))).toEqual(
      ['0xfc', '0xfd', '0xfe', '0xff'].map((tos) => `to -p 0x0800 --ip-tos ${tos} -j DROP`),
    );
    const others = lines(rule('drop in ip', 'dscp!=0'));
    expect(others).toHaveLength(252);
    expect(others).not.toContain('to -p 0x0800 --ip-tos 0x03 -j DROP');
    expect(others[0]).toBe('to -p 0x0800 --ip-tos 0x04 -j DROP');
  });

  it('stops rules that make too many lines', () => {
    const many = filter(
      'f',
      Array.from({ length: 4 }, () => rule('drop in ip', 'dscp!=0')),
    );
    const port = { port: 'vnet0', mac: undefined, parameters: [] };
    expect(() => compile('f', () => many, port, { maxRules: 200 })).toThrow(
      'f, rule 4: the rules up to here make more than 800 lines',
    );
    expect(() => compile('f', () => many, port, { maxRules: 252 })).not.toThrow();
  });

  it('ipv6', () => {
    const rules = rule(
      'accept inout ipv6',
      'srcipaddr=1::2',
      'srcipmask=128',
      'dstipaddr=a:b:c::',
      'dstipmask=65',
      'protocol=tcp',
      'srcportstart=20',
      'srcportend=22',
      'dstportstart=100',
      'dstportend=101',
    );
    expect(lines(rules)).toEqual([
      'from -p 0x86dd --ip6-destination 1::2/128 --ip6-source a:b:c::/65 --ip6-protocol 6 --ip6-destination-port 20:22 --ip6-source-port 100:101 -j ACCEPT',
      'to -p 0x86dd --ip6-source 1::2/128 --ip6-destination a:b:c::/65 --ip6-protocol 6 --ip6-source-port 20:22 --ip6-destination-port 100:101 -j ACCEPT',
    ]);
    const icmp = (...matches: string[]) =>
      lines(rule('drop in ipv6', 'protocol=icmpv6', ...matches))[0]?.split('--ip6-icmp-type ')[1];
    expect(icmp('type=1', 'typeend=11', 'code=10', 'codeend=11')).toBe('1:11/10:11 -j DROP');
    expect(icmp('type=1')).toBe('1:1/0:255 -j DROP');
    expect(icmp('code=10')).toBe('0:255/10:10 -j DROP');
  });

  it('negated ICMPv6 ranges are what lies outside of both', () => {
    const ranges = (...matches: string[]) =>
      lines(rule('drop in ipv6', 'protocol=icmpv6', ...matches)).map(
        (line) => / (\S+) -j DROP$/.exec(line)?.[1],
      );
    expect(ranges('type!=1', 'typeend!=11', 'code!=10', 'codeend!=255')).toEqual(['0:0/0:9', '12:255/0:9']);
    expect(ranges('code!=10')).toEqual(['0:255/0:9', '0:255/11:255']);
    expect(ranges('type!=0', 'typeend!=255')).toEqual([]);
  });

  it('refuses a VLAN ID that ebtables does not take', () => {
    expect(refusal(rule('drop in vlan', 'vlanid=4095'))).toEqual(['NOT_COMPILABLE f 1']);
  });

  it('a mask of nothing is no test, negated no rule', () => {
    const mask = 'srcmacmask=00:00:00:00:00:00';
    expect(lines(rule('drop in mac', 'srcmacaddr=01:02:03:04:05:06', mask))).toEqual(['to -j DROP']);
    expect(lines(rule('drop in mac', 'srcmacaddr!=01:02:03:04:05:06', mask.replace('=', '!=')))).toEqual([]);
  });

  it('a rule without a protocol meets every frame; every action has its word', () => {
    expect(
      lines(
        rule('accept in -'),
        rule('drop in -'),
        rule('reject in -'),
        rule('return in -'),
        rule('continue in -'),
      ),
    ).toEqual(['ACCEPT', 'DROP', 'DROP', 'RETURN', 'CONTINUE'].map((word) => `to -j ${word}`));
  });

  it('leaves comments out, which ebtables does not have', () => {
    expect(lines(rule('drop in mac', 'comment=hello'))).toEqual(['to -j DROP']);
  });
});
