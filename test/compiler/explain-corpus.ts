/** Frames of every kind that rules can tell apart, honest and odd, in the words of src/packet/syntax.ts. */

/** The two ends of the frames: who sends, who gets them. */
export interface End {
  readonly mac: string;
  readonly ip: string;
  readonly ip6: string;
}

const OTHER_MAC = '52:54:00:99:99:99';
const OTHER_IP = '10.77.0.99';
const OTHER_IP6 = 'fd77::99';

/** Numbers source ports, so that each frame is the first of its flow. */
function flows() {
  let next = 20_000;
  return () => {
    next += 1;
    return next;
  };
}

/** Each line is one frame. The same lines for the same ends. */
export function corpus(from: End, to: End): readonly string[] {
  const port = flows();
  const four = (source = from.ip, target = to.ip) => `${source}:${port()} > ${target}`;
  const six = (source = from.ip6, target = to.ip6) => `[${source}]:${port()} > [${target}]`;
  const both = (make: (to: string) => string) => [make(`${four()}:`), make(`${six()}:`)];
  const pairs = [`${from.ip} > ${to.ip}`, `${from.ip6} > ${to.ip6}`];
  const [v4 = '', v6 = ''] = pairs;
  const lines = [
    ...[22, 25, 80, 443, 1024, 65535, 0].flatMap((to) => both((flow) => `tcp ${flow}${to}`)),
    ...[
      'none',
      'ack',
      'fin',
      'fin ack',
      'rst',
      'syn ack',
      'syn fin',
      'psh ack',
      'ack urg',
      'syn psh',
    ].flatMap((flags) => both((flow) => `tcp ${flow}80 ${flags}`)),
    ...['dscp 10', 'tos 41', 'tcp-option 5', 'data 474554', 'bad-checksum', 'tcp-option 8 ack'].flatMap(
      (words) => both((flow) => `tcp ${flow}80 ${words}`),
    ),
    ...[53, 67, 68, 546, 547, 5353].flatMap((to) => both((flow) => `udp ${flow}${to}`)),
    ...['data 00', 'bad-checksum', 'dscp 46'].flatMap((words) => both((flow) => `udp ${flow}53 ${words}`)),
    ...both((flow) => `udplite ${flow}53 data 0001`),
    ...[
      '',
      'chunk data data 00',
      'chunk heartbeat',
      'chunk abort',
      'chunk cookie-echo data 01',
      'bad-checksum',
    ].flatMap((words) => both((flow) => `sctp ${flow}80 ${words}`)),
    ...['echo-request', 'echo-reply', 'unreachable/3', 'time-exceeded', 'redirect', '13', '255', '255/7'].map(
      (type) => `icmp ${type} ${v4}`,
    ),
    ...['echo-request', 'echo-reply', 'unreachable/4', '139', 'router-solicitation', '143', '255', '137'].map(
      (type) => `icmp ${type} ${v6}`,
    ),
    `icmp echo-request ${v4} bad-checksum`,
    `icmp neighbour-solicitation ${v6}`,
    `icmp neighbour-advertisement ${v6} ttl 255`,
    ...pairs.flatMap((pair) => [
      `esp ${pair} data 0000000100000001`,
      `ah ${pair} data 00`,
      `ip 33 ${pair} data 00190050`,
    ]),
    ...pairs.flatMap((pair) => [`ip 47 ${pair} data 00000800`, `ip tcp ${pair} data 0019`, `ip udp ${pair}`]),
    ...pairs.flatMap((pair) => [
      `ip sctp ${pair} data 00190050`,
      `ip icmp ${pair} data 0800`,
      `ip icmpv6 ${pair} data 80`,
    ]),
    `igmp ${from.ip} > 224.0.0.22 data 2200f9ff00000000 ip-options 94040000`,
    `tcp ${four()}:25 ip-options 01010101`,
    `tcp ${four()}:25 fragment 0+`,
    `tcp ${four()}:25 fragment 8`,
    `tcp ${four()}:80 fragment 8`,
    `tcp ${six()}:80 fragment 8`,
    `udp ${four()}:53 fragment 1480+`,
    `udp ${six()}:53 fragment 0+`,
    `udp ${six()}:53 fragment 8`,
    ...['hop-by-hop', 'destination', 'routing', 'auth', 'hop-by-hop,destination,auth'].flatMap((via) => [
      `tcp ${six()}:25 via ${via}`,
      `icmp echo-request ${v6} via ${via}`,
    ]),
    `ip 59 ${v6} data 00`,
    `tcp ${four(OTHER_IP)}:25`,
    `tcp ${four(from.ip, OTHER_IP)}:25`,
    `tcp ${six(OTHER_IP6)}:25`,
    `udp ${four('0.0.0.0', '255.255.255.255')}:67`,
    `udp 0.0.0.0:68 > 255.255.255.255:67`,
    `udp ${to.ip}:67 > ${from.ip}:68`,
    `udp ${from.ip}:67 > 255.255.255.255:68`,
    `udp [fe80::1]:546 > [ff02::1:2]:547`,
    `udp ${four(from.ip, '224.0.0.251')}:5353`,
    `udp ${four(from.ip, '239.255.255.250')}:1900`,
    `udp ${six(from.ip6, 'ff02::fb')}:5353`,
    ...both((flow) => `tcp ${flow}25 src-mac ${OTHER_MAC}`),
    ...both((flow) => `tcp ${flow}25 dst-mac ${OTHER_MAC}`),
    ...both((flow) => `udp ${flow}53 dst-mac ff:ff:ff:ff:ff:ff`),
    ...['request', 'reply', '3', '8', '9', '700'].map((opcode) => `arp ${opcode} ${from.ip} > ${to.ip}`),
    `arp request ${from.ip} ${OTHER_MAC} > ${to.ip}`,
    `arp request ${OTHER_IP} > ${to.ip}`,
    `arp reply ${from.ip} > ${to.ip} ${OTHER_MAC}`,
    `arp request ${from.ip} > ${from.ip}`,
    `arp request 0.0.0.0 > ${from.ip}`,
    `arp request ${from.ip} > ${to.ip} hwtype 6`,
    `arp request ${from.ip} > ${to.ip} protocoltype 0x86dd`,
    `arp request ${from.ip} > ${to.ip} data 000000000000`,
    `arp request ${from.ip} > ${to.ip} src-mac ${OTHER_MAC}`,
    `rarp request ${from.ip} > ${to.ip}`,
    `rarp reply ${from.ip} > ${to.ip}`,
    `rarp request 0.0.0.0 > 0.0.0.0`,
    `eth rarp data 0001080006040003${from.mac.replaceAll(':', '')}`,
    `eth arp data 00010800`,
    `stp config`,
    `stp config root-priority 32768 root-cost 4 flags 1 port 32769 age 256 max-age 5120 hello-time 512 forward-delay 3840`,
    `stp config root-priority 4096 root-address ${OTHER_MAC} sender-priority 8192 sender-address ${to.mac}`,
    `stp tcn`,
    `stp 2`,
    `eth 0x0835 data 00`,
    `eth 0x8100 data 0005`,
    `eth 0x88cc ${from.mac} > 01:80:c2:00:00:0e data 00`,
    `eth 0x0600 ${from.mac} > 01:80:c2:00:00:00 data 00`,
    `eth 0x88a8 data 0005080000`,
    `eth ipv4 data 45`,
    `eth ipv6 data 6000`,
    `eth ipv4 data 4500001400010000400600000a4d000a0a4d0002`,
    `vlan 5 tcp ${four()}:25`,
    `vlan 5/3 udp ${six()}:53`,
    `vlan 0 arp request ${from.ip} > ${to.ip}`,
    `vlan 4094 eth 0x0835 data 00`,
    `vlan 100 stp config`,
  ];
  return lines;
}
