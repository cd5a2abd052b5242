import { describe, expect, it } from 'vitest';
import { kindOfChain } from '../../src/compiler/frame.js';
import { restoreLine, ruleWords, shellLine } from '../../src/compiler/line.js';
import { renderCommands, renderPort } from '../../src/compiler/render.js';
import type { PortRuleset } from '../../src/compiler/ruleset.js';
import { compiled, filter, reference, rule } from './build.js';

const only = (ruleset: PortRuleset) => ruleset.tools.ebtables.fromGuest;

describe('rendering', () => {
  it('writes three sections, each complete input of its tool', () => {
    expect(
      renderPort(
        compiled([
          rule('drop out mac', 'protocolid=arp'),
          rule('accept in tcp', 'dstportstart=22', 'comment=a "b"'),
        ]),
      ),
    ).toBe(`# ebtables
*nat
:nwg-root-b7mt2zweegnl RETURN
-A nwg-root-b7mt2zweegnl -p 0x0806 -j DROP
-A nwg-root-b7mt2zweegnl -j ACCEPT
:nwgate-from RETURN
-A nwgate-from -i vnet0 -j nwg-root-b7mt2zweegnl
:nwgate-to RETURN
-I PREROUTING 1 -j nwgate-from
-I POSTROUTING 1 -j nwgate-to
COMMIT
# iptables
*filter
:nwg-from-7yrvcsyayqja - [0:0]
-A nwg-from-7yrvcsyayqja -p tcp --sport 22 -m conntrack --ctstate ESTABLISHED -m conntrack --ctdir Reply -m comment --comment "a \\"b\\"" -j RETURN
:nwg-to-tlibxn4ujbnv - [0:0]
-A nwg-to-tlibxn4ujbnv -p tcp --dport 22 -m conntrack --ctstate NEW,ESTABLISHED -m conntrack --ctdir Original -m comment --comment "a \\"b\\"" -j ACCEPT
:nwgate-from - [0:0]
-A nwgate-from -m physdev --physdev-in vnet0 -g nwg-from-7yrvcsyayqja
:nwgate-to - [0:0]
-A nwgate-to -m physdev --physdev-is-bridged --physdev-out vnet0 -g nwg-to-tlibxn4ujbnv
:nwgate-post - [0:0]
-A nwgate-post -m physdev --physdev-in vnet0 -j ACCEPT
-I INPUT 1 -j nwgate-from
-I FORWARD 1 -j nwgate-from
-I FORWARD 2 -j nwgate-to
-I FORWARD 3 -j nwgate-post
COMMIT
# ip6tables
`);
  });

  it('writes the same as commands for a shell', () => {
    expect(
      renderCommands(compiled([rule('drop out mac', 'srcmacaddr!=01:02:03:04:05:06')])),
    ).toBe(`ebtables -t nat -N nwg-root-v3en5c4ws24h -P RETURN
ebtables -t nat -N nwgate-from -P RETURN
ebtables -t nat -N nwgate-to -P RETURN
ebtables -t nat -A nwg-root-v3en5c4ws24h -s ! 01:02:03:04:05:06 -j DROP
ebtables -t nat -A nwg-root-v3en5c4ws24h -j ACCEPT
ebtables -t nat -A nwgate-from -i vnet0 -j nwg-root-v3en5c4ws24h
ebtables -t nat -I PREROUTING 1 -j nwgate-from
ebtables -t nat -I POSTROUTING 1 -j nwgate-to
`);
    const [line] = renderCommands(compiled([rule('accept in tcp', "comment=it's"), rule('drop in -')]))
      .split('\n')
      .filter((text) => text.includes('comment'));
    expect(line).toMatch(
      /^iptables -t filter -A nwg-from-[a-z2-7]{12} -p tcp .* -m comment --comment 'it'\\''s' -j RETURN$/,
    );
  });

  it('quotes words as the tools read them', () => {
    expect(restoreLine(['-m', 'a b', '"', '\\', "'", '', 'ü', '$x'])).toBe(
      '-m "a b" "\\"" "\\\\" "\'" "" "ü" "$x"',
    );
    expect(shellLine(['a b', "'", '$x', '!'])).toBe("'a b' ''\\''' '$x' !");
  });

  it('cuts a comment to what the kernel holds, at a whole character', () => {
    const comment = '漢'.repeat(100);
    const words = ruleWords('iptables', { tests: [], target: { kind: 'verdict', verdict: 'DROP' }, comment });
    expect(words[3]).toBe('漢'.repeat(85));
  });
});

describe('chain names', () => {
  it('tell content: equal rules share a chain, whatever port, filter or place', () => {
    const [one, two] = [compiled([rule('drop out -')]), compiled(filter('other', [rule('drop out -')]))];
    expect(only(one)).toBe(only(two));
    expect(only(compiled([rule('drop inout -')]))).toBe(only(one));
    expect(only(compiled([rule('accept out -')]))).not.toBe(only(one));
  });

  it('change with what the chains under them hold', () => {
    const inner = (action: string) => filter('f', [rule(`${action} out arp`)], 'arp-x');
    expect(only(compiled(inner('drop')))).not.toBe(only(compiled(inner('accept'))));
  });

  it('are short enough for the longest chain, and known as ours', () => {
    const { chains } = compiled(filter('f', [rule('drop out arp')], 'arp-12345678')).tools.ebtables;
    expect(chains[0]?.name).toMatch(/^nwg-arp-12345678-[a-z2-7]{12}$/);
    expect(chains[0]!.name.length).toBeLessThanOrEqual(31);
    for (const { name } of chains) expect(kindOfChain(name)).toBe('content');
    expect(['nwgate-from', 'nwgate-to.vnet1', 'nwgate-post.a:b@c'].map(kindOfChain)).toEqual([
      'dispatch',
      'dispatch',
      'dispatch',
    ]);
    expect(
      ['FORWARD', 'libvirt-in', 'nwgate', 'nwgate-other', 'nwg-x', 'nwgate-from2', 'FI-vnet0'].map(
        kindOfChain,
      ),
    ).toEqual(Array(7).fill(undefined));
  });
});

describe('a compiled value', () => {
  it('is frozen through and through, and says where each rule came from', () => {
    const ruleset = compiled([rule('drop out mac', 'protocolid=arp'), rule('drop in tcp')]);
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      Object.values(value).forEach(walk);
    };
    walk(ruleset);
    expect(ruleset.tools.ebtables.chains[0]?.rules.map(({ source }) => source)).toEqual([
      { filter: 'f', rule: 1 },
      undefined,
    ]);
  });

  it('does not take a side without rules as one that passes nothing', () => {
    const { ebtables, iptables, ip6tables } = compiled([
      rule('drop out -'),
      rule('accept in udp', 'state=NEW'),
    ]).tools;
    expect([ebtables.toGuest, iptables.fromGuest, ip6tables.fromGuest, ip6tables.toGuest]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(ebtables.fromGuest).toBeDefined();
    expect(iptables.toGuest).toBeDefined();
  });

  it('of a filter without rules holds nothing', () => {
    expect(renderPort(compiled(filter('f', [])))).toBe('# ebtables\n# iptables\n# ip6tables\n');
    expect(() => compiled(filter('f', [reference('gone')]))).toThrow('there is no filter gone');
  });
});
