/** Lines of packets' rules. The cases are those of libvirt's own tests where it has one (its chain names are others). */
import { describe, expect, it } from 'vitest';
import type { Tool } from '../../src/compiler/ruleset.js';
import type { Rule } from '../../src/model/filter.js';
import { compiled, linesOf, rule } from './build.js';

const v4 = (...rules: Rule[]) => linesOf(compiled(rules), 'iptables');
const v6 = (...rules: Rule[]) => linesOf(compiled(rules), 'ip6tables');
const stateless = (rule_: Rule): Rule => ({ ...rule_, statematch: false });

const MAC = '-m mac --mac-source 01:02:03:04:05:06';
const FIRST = '-m conntrack --ctstate NEW,ESTABLISHED -m conntrack --ctdir Original';
const ANSWER = '-m conntrack --ctstate ESTABLISHED -m conntrack --ctdir Reply';

const OUT = ['srcmacaddr=01:02:03:04:05:06', 'dstipaddr=10.1.2.3', 'dstipmask=32', 'dscp=2'];
const IN = ['srcmacaddr=01:02:03:04:05:06', 'srcipaddr=10.1.2.3', 'srcipmask=22', 'dscp=33'];
const PORTS = ['srcportstart=20', 'srcportend=21', 'dstportstart=100', 'dstportend=1111'];

describe('packet rules', () => {
  it.each(['tcp', 'udp', 'sctp', 'udplite', 'esp', 'ah', 'igmp', 'icmp', 'all'])(
    '%s accepted out',
    (element) => {
      expect(v4(rule(`accept out ${element}`, ...OUT))).toEqual([
        `from -p ${element} ${MAC} --destination 10.1.2.3/32 -m dscp --dscp 2 ${FIRST} -j RETURN`,
        `to -p ${element} --source 10.1.2.3/32 -m dscp --dscp 2 ${ANSWER} -j ACCEPT`,
      ]);
    },
  );

  it.each(['udplite', 'esp', 'ah', 'igmp', 'all'])('%s accepted in', (element) => {
    expect(v4(rule(`accept in ${element}`, ...IN))).toEqual([
      `from -p ${element} --destination 10.1.2.3/22 -m dscp --dscp 33 ${ANSWER} -j RETURN`,
      `to -p ${element} ${MAC} --source 10.1.2.3/22 -m dscp --dscp 33 ${FIRST} -j ACCEPT`,
    ]);
  });

  it.each(['udp', 'sctp', 'tcp'])('%s with ports, accepted in', (element) => {
    expect(v4(rule(`accept in ${element}`, ...IN, ...PORTS))).toEqual([
      `from -p ${element} --destination 10.1.2.3/22 -m dscp --dscp 33 --dport 20:21 --sport 100:1111 ${ANSWER} -j RETURN`,
      `to -p ${element} ${MAC} --source 10.1.2.3/22 -m dscp --dscp 33 --sport 20:21 --dport 100:1111 ${FIRST} -j ACCEPT`,
    ]);
  });

  it('without state matching', () => {
    expect(v4(stateless(rule('accept in tcp', ...IN, ...PORTS, 'state=NEW')))).toEqual([
      'from -p tcp --destination 10.1.2.3/22 -m dscp --dscp 33 --dport 20:21 --sport 100:1111 -j RETURN',
      `to -p tcp ${MAC} --source 10.1.2.3/22 -m dscp --dscp 33 --sport 20:21 --dport 100:1111 -j ACCEPT`,
    ]);
  });

  it('TCP flags and options', () => {
    expect(
      v4(
        rule('accept in tcp', 'flags=SYN/ALL', 'state=NONE'),
        rule('accept in tcp', 'flags=SYN/SYN,ACK', 'state=NONE'),
        rule('accept in tcp', 'flags!=RST/NONE', 'state=NONE'),
        rule('accept in tcp', 'flags=PSH/NONE', 'srcportstart=1', 'option=64', 'state=NONE'),
      ),
    ).toEqual([
      'to -p tcp --tcp-flags SYN ALL -j ACCEPT',
      'to -p tcp --tcp-flags SYN SYN,ACK -j ACCEPT',
      'to -p tcp ! --tcp-flags RST NONE -j ACCEPT',
      'to -p tcp --tcp-flags PSH NONE --sport 1 --tcp-option 64 -j ACCEPT',
    ]);
  });

  it('what every packet passes is no test, and what none passes no rule: the tools would turn these round', () => {
    const full = ['srcportstart', 'srcportend'] as const;
    const [any, never] = ['=', '!='].map((sign) => full.map((name, i) => `${name}${sign}${i * 65535}`));
    expect(v4(rule('drop in tcp', ...any!, 'dstportstart=1'))[1]).toBe('to -p tcp --dport 1 -j DROP');
    expect(v4(rule('drop in tcp', ...never!))).toEqual([]);
    expect(
      v4(rule('drop in tcp', 'flags=NONE/SYN'), rule('drop in all', 'srcipaddr!=10.0.0.1', 'srcipmask!=0')),
    ).toEqual([]);
    expect(
      v4(rule('drop in tcp', 'flags!=NONE/SYN'), rule('drop in all', 'srcipaddr=10.0.0.1', 'srcipmask=0')),
    ).toEqual(['from -p tcp -j DROP', 'from -p all -j DROP', 'to -p tcp -j DROP', 'to -p all -j DROP']);
  });

  it('AH of IPv6 is an extension header', () => {
    expect(v6(rule('drop in ah-ipv6', 'dscp=1'))).toEqual([
      'from -m ah -m dscp --dscp 1 -j DROP',
      'to -m ah -m dscp --dscp 1 -j DROP',
    ]);
  });

  it('address ranges', () => {
    expect(
      v4(
        rule(
          'drop in udp',
          'srcipfrom=10.0.0.1',
          'srcipto=10.0.0.9',
          'dstipfrom!=10.1.0.1',
          'dstipto!=10.1.0.9',
        ),
      ),
    ).toEqual([
      'from -p udp -m iprange --dst-range 10.0.0.1-10.0.0.9 -m iprange ! --src-range 10.1.0.1-10.1.0.9 -j DROP',
      'to -p udp -m iprange --src-range 10.0.0.1-10.0.0.9 -m iprange ! --dst-range 10.1.0.1-10.1.0.9 -j DROP',
    ]);
  });

  it('an ICMP type belongs to one direction and has no connection direction', () => {
    expect(v4(rule('accept out icmp', ...OUT, 'type=12', 'code=11'))).toEqual([
      `from -p icmp ${MAC} --destination 10.1.2.3/32 -m dscp --dscp 2 --icmp-type 12/11 -m conntrack --ctstate NEW,ESTABLISHED -j RETURN`,
    ]);
    expect(v4(rule('drop in icmp', 'type=8'))).toEqual(['to -p icmp --icmp-type 8 -j DROP']);
    expect(v6(rule('accept out icmpv6', 'type=12', 'code=11'))).toEqual([
      'from -p icmpv6 --icmpv6-type 12/11 -m conntrack --ctstate NEW,ESTABLISHED -j RETURN',
    ]);
  });

  it('ICMP type 255 by its octets, as to iptables it is any type', () => {
    expect(v4(rule('accept in icmp', 'type=255', 'code=255'), rule('drop in icmp', 'type!=255'))).toEqual([
      'to -p icmp -m u32 --u32 "0>>22&0x3C@0>>16=65535" -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT',
      'to -p icmp -m u32 ! --u32 "0>>22&0x3C@0>>24=255" -j DROP',
    ]);
  });

  it('an ICMP type in a rule for both directions is matched in both', () => {
    expect(v4(rule('accept inout icmp', 'type=8'))).toEqual([
      'from -p icmp --icmp-type 8 -j RETURN',
      'to -p icmp --icmp-type 8 -j ACCEPT',
    ]);
  });

  it('drops and rejects also what answers, without states', () => {
    expect(v4(rule('drop out all', ...OUT, 'comment=no'), rule('reject out all', ...OUT))).toEqual([
      `from -p all ${MAC} --destination 10.1.2.3/32 -m dscp --dscp 2 -m comment --comment no -j DROP`,
      `from -p all ${MAC} --destination 10.1.2.3/32 -m dscp --dscp 2 -j REJECT`,
      'to -p all --source 10.1.2.3/32 -m dscp --dscp 2 -m comment --comment no -j DROP',
      'to -p all --source 10.1.2.3/32 -m dscp --dscp 2 -j REJECT',
    ]);
  });

  it('a source MAC that nothing is left of makes no rule for answers', () => {
    expect(v4(rule('drop out tcp', 'srcmacaddr=01:02:03:04:05:06'))).toEqual([`from -p tcp ${MAC} -j DROP`]);
    expect(v4(rule('accept in all', 'srcmacaddr=01:02:03:04:05:06'))).toEqual([
      `to -p all ${MAC} ${FIRST} -j ACCEPT`,
    ]);
  });

  it('a source MAC in a rule for both directions is tested in both', () => {
    expect(v4(rule('drop inout all', 'srcmacaddr!=12:34:56:78:9a:bc'))).toEqual([
      'from -p all -m mac ! --mac-source 12:34:56:78:9a:bc -j DROP',
      'to -p all -m mac ! --mac-source 12:34:56:78:9a:bc -j DROP',
    ]);
    expect(v4(rule('accept inout tcp', 'srcmacaddr=12:34:56:78:9a:bc', 'srcipaddr=10.0.0.1'))).toEqual([
      'from -p tcp -m mac --mac-source 12:34:56:78:9a:bc --destination 10.0.0.1 -j RETURN',
      'to -p tcp -m mac --mac-source 12:34:56:78:9a:bc --source 10.0.0.1 -j ACCEPT',
    ]);
  });

  it('negates destination ports', () => {
    expect(v4(rule('drop in tcp', 'dstportstart!=22', 'dstportend!=23', 'srcportstart!=1'))).toEqual([
      'from -p tcp ! --dport 1 ! --sport 22:23 -j DROP',
      'to -p tcp ! --sport 1 ! --dport 22:23 -j DROP',
    ]);
  });

  it('explicit states stay in their direction', () => {
    expect(v4(rule('accept out all', 'state=ESTABLISHED,RELATED'))).toEqual([
      'from -p all -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN',
    ]);
    expect(v4(rule('drop in tcp', 'dstportstart=21', 'dstportend=22', 'state=NEW'))).toEqual([
      'to -p tcp --dport 21:22 -m conntrack --ctstate NEW -j DROP',
    ]);
    expect(v4(rule('accept inout tcp', 'dstportstart=21', 'state=NEW'))).toEqual([
      'from -p tcp --sport 21 -m conntrack --ctstate NEW -j RETURN',
      'to -p tcp --dport 21 -m conntrack --ctstate NEW -j ACCEPT',
    ]);
  });

  it('counted connections are counted where they begin, without states', () => {
    expect(v4(rule('drop out icmp', 'connlimit-above=1'))).toEqual([
      'from -p icmp -m connlimit --connlimit-above 1 -j DROP',
    ]);
    expect(v4(rule('accept in tcp', 'connlimit-above!=1', 'state=NEW'))).toEqual([
      'to -p tcp -m connlimit ! --connlimit-above 1 -j ACCEPT',
    ]);
    expect(v4(rule('drop in tcp', 'connlimit-above=1', 'state=NEW'))).toEqual([
      'to -p tcp -m conntrack --ctstate NEW -m connlimit --connlimit-above 1 -j DROP',
    ]);
  });

  it.each<[string, Tool]>([
    ['all', 'iptables'],
    ['tcp', 'iptables'],
    ['udp-ipv6', 'ip6tables'],
  ])('IP sets on %s', (element, tool) => {
    const protocol = element.replace('-ipv6', '');
    const ruleset = compiled([
      rule(`accept out ${element}`, 'ipset=tck_test', 'ipsetflags=src,dst'),
      rule(`drop inout ${element}`, 'ipset!=my set', 'ipsetflags!=dst'),
      rule(`accept in ${element}`, 'state=NONE', 'ipset=tck_test'),
    ]);
    expect(linesOf(ruleset, tool)).toEqual([
      `from -p ${protocol} ${FIRST} -m set --match-set tck_test src,dst -j RETURN`,
      `from -p ${protocol} -m set ! --match-set "my set" src -j DROP`,
      `to -p ${protocol} ${ANSWER} -m set --match-set tck_test dst,src -j ACCEPT`,
      `to -p ${protocol} -m set ! --match-set "my set" dst -j DROP`,
      `to -p ${protocol} -m set --match-set tck_test src -j ACCEPT`,
    ]);
  });

  it.each(['udplite', 'esp', 'all', 'tcp', 'udp', 'sctp'])('%s-ipv6', (protocol) => {
    const addresses = ['srcipaddr=f:e:d::c:b:a', 'srcipmask=127', 'dstipaddr=a:b:c::d:e:f', 'dstipmask=128'];
    expect(
      v6(rule(`accept out ${protocol}-ipv6`, 'srcmacaddr=01:02:03:04:05:06', ...addresses, 'dscp=2')),
    ).toEqual([
      `from -p ${protocol} ${MAC} --source f:e:d::c:b:a/127 --destination a:b:c::d:e:f/128 -m dscp --dscp 2 ${FIRST} -j RETURN`,
      `to -p ${protocol} --destination f:e:d::c:b:a/127 --source a:b:c::d:e:f/128 -m dscp --dscp 2 ${ANSWER} -j ACCEPT`,
    ]);
  });

  it('every action has its word; continuing is to have no target', () => {
    expect(v4(rule('reject in all'), rule('return in all'), rule('continue in all'))).toEqual([
      'from -p all -j REJECT',
      'from -p all -j RETURN',
      'from -p all',
      'to -p all -j REJECT',
      'to -p all -j RETURN',
      'to -p all',
    ]);
  });

  it('sorts by priority whatever the chain of the filter', () => {
    expect(
      v4(
        rule('drop in tcp 700'),
        rule('accept in udp 100', 'state=NONE'),
        rule('return in tcp 700', 'state=NONE'),
      ).filter((line) => line.startsWith('to')),
    ).toEqual(['to -p udp -j ACCEPT', 'to -p tcp -j DROP', 'to -p tcp -j RETURN']);
  });
});
