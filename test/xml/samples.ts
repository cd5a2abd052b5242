/** Small documents, most of them broken: who must see it. */
export interface Sample {
  readonly name: string;
  readonly document: string;
  readonly seenBy: 'nobody' | 'both' | 'reader';
}

const row = (seenBy: Sample['seenBy']) => (name: string, document: string) => ({ name, document, seenBy });
const fine = row('nobody');
const broken = row('both');
/** What no grammar can see. */
const subtle = row('reader');

const NWG = 'xmlns:n="http://schemas.nwgate.org/nwfilter/1"';
const inFilter = (content: string, attributes = '') => `<filter name="f"${attributes}>${content}</filter>`;
const inRule = (content: string, attributes = '') =>
  inFilter(`<rule action="drop" direction="in"${attributes}>${content}</rule>`);

export const FILTERS: readonly Sample[] = [
  fine('nothing in it', '<filter name="f"/>'),
  fine(
    'uuid behind the rules',
    inFilter('<rule action="drop" direction="in"/><uuid>12345678123412341234123456789ABC</uuid>'),
  ),
  fine(
    'comments, instructions and white space',
    inFilter('\n <!-- x --><?x y?><uuid>\n 12345678-1234-1234-1234-123456789abc </uuid>\t'),
  ),
  fine('both elements of a protocol', inRule('<ip protocol="udp"/><ip match="no" srcipaddr="$IP[ @1 ]"/>')),
  fine(
    'two negated elements of a protocol',
    inRule('<arp match="no" arpsrcmacaddr="$MAC"/><arp match="no" arpsrcipaddr="$IP"/>'),
  ),
  fine(
    'priorities at their ends',
    inFilter('<rule action="drop" direction="in" priority="-1000"/>', ' chain="arp" priority="1000"'),
  ),
  fine('statematch in any case', inRule('', ' statematch="FALSE"')),
  fine(
    'our attributes',
    `<filter name="f" ${NWG} n:revision="4"><rule action="drop" direction="in" n:id="ab12"/></filter>`,
  ),
  fine(
    'a list',
    inFilter(
      '<filterref filter="x"><parameter name="IP" value="10.0.0.1"/><parameter name="IP" value="10.0.0.2"/></filterref>',
    ),
  ),
  fine('a protocol without attributes', inRule('<mac/>')),
  fine('match yes', inRule('<mac match="yes" srcmacaddr="$MAC"/>')),

  broken('another root', '<filters name="f"/>'),
  broken('a root in a namespace', '<filter name="f" xmlns="urn:x"/>'),
  broken('no name', '<filter/>'),
  broken('a name with a slash', '<filter name="../f"/>'),
  broken('an empty name', '<filter name=""/>'),
  broken('an unknown attribute', '<filter name="f" policy="drop"/>'),
  broken('an unknown element', inFilter('<include href="drop-all"/>')),
  broken('a foreign attribute', '<filter name="f" xmlns:x="urn:x" x:a="1"/>'),
  broken('an id on the filter', `<filter name="f" ${NWG} n:id="1"/>`),
  broken('a bad id', `<filter name="f" ${NWG}><rule action="drop" direction="in" n:id="a b"/></filter>`),
  broken('a bad revision', `<filter name="f" ${NWG} n:revision="0"/>`),
  broken('a chain that starts with root', '<filter name="f" chain="root2"/>'),
  broken('a chain of no kind', '<filter name="f" chain="ip"/>'),
  broken('a chain name too long', '<filter name="f" chain="arp-123456789"/>'),
  broken('priority out of range', '<filter name="f" chain="arp" priority="1001"/>'),
  broken('priority no number', '<filter name="f" chain="arp" priority="high"/>'),
  broken('text', inFilter('drop all')),
  broken('text in a rule', inRule('x')),
  broken('text in a protocol', inRule('<tcp>x</tcp>')),
  broken('a bad uuid', inFilter('<uuid>12345678</uuid>')),
  broken('an element in the uuid', inFilter('<uuid><b/></uuid>')),
  broken('an attribute on the uuid', inFilter('<uuid x="1">12345678-1234-1234-1234-123456789abc</uuid>')),
  broken(
    'two uuids',
    inFilter(
      '<uuid>12345678-1234-1234-1234-123456789abc</uuid><uuid>12345678-1234-1234-1234-123456789abc</uuid>',
    ),
  ),
  broken('no action', inFilter('<rule direction="in"/>')),
  broken('no direction', inFilter('<rule action="drop"/>')),
  broken('an action of another tool', inFilter('<rule action="allow" direction="in"/>')),
  broken('an action in capitals', inFilter('<rule action="DROP" direction="in"/>')),
  broken("a rule's priority out of range", inRule('', ' priority="1001"')),
  broken("a rule's priority no number", inRule('', ' priority=""')),
  broken('statematch maybe', inRule('', ' statematch="maybe"')),
  broken('an unknown protocol', inRule('<tpc/>')),
  broken('two protocols', inRule('<tcp/><udp/>')),
  broken('a rule in a rule', inRule('<rule action="drop" direction="in"/>')),
  broken('an element in a protocol', inRule('<tcp><tcp/></tcp>')),
  broken('match maybe', inRule('<tcp match="maybe"/>')),
  broken('an attribute of another protocol', inRule('<udp flags="SYN/SYN"/>')),
  broken('dscp too large', inRule('<tcp dscp="64"/>')),
  broken('a port too large', inRule('<tcp dstportstart="65536"/>')),
  broken('a mask with a hole', inRule('<ip srcipaddr="10.0.0.1" srcipmask="255.0.255.0"/>')),
  broken('a MAC mask with a hole', inRule('<mac srcmacaddr="$MAC" srcmacmask="ff:00:ff:00:00:00"/>')),
  broken('an address of another family', inRule('<tcp-ipv6 srcipaddr="10.0.0.1"/>')),
  broken('an address with a prefix', inRule('<tcp srcipaddr="10.0.0.0/8"/>')),
  broken('a variable with a bad index', inRule('<tcp srcipaddr="$IP[1001]"/>')),
  broken('a variable with a bad name', inRule('<tcp srcipaddr="$IP-1"/>')),
  broken('a comment too long', inRule(`<tcp comment="${'x'.repeat(257)}"/>`)),
  broken('a comment of two lines', inRule('<tcp comment="a&#10;b"/>')),
  broken('a reference to nothing', inFilter('<filterref/>')),
  broken(
    'a rule in a reference',
    inFilter('<filterref filter="x"><rule action="drop" direction="in"/></filterref>'),
  ),
  broken(
    'a bad parameter name',
    inFilter('<filterref filter="x"><parameter name="a-b" value="1"/></filterref>'),
  ),
  broken(
    'a bad parameter value',
    inFilter('<filterref filter="x"><parameter name="a" value="1;2"/></filterref>'),
  ),
  broken(
    'an empty parameter value',
    inFilter('<filterref filter="x"><parameter name="a" value=""/></filterref>'),
  ),
  broken('a parameter without a value', inFilter('<filterref filter="x"><parameter name="a"/></filterref>')),

  subtle(
    'an attribute plain and negated',
    inRule('<ip srcipaddr="10.0.0.1"/><ip match="no" srcipaddr="10.0.0.2"/>'),
  ),
  subtle('match no with nothing to negate', inRule('<tcp match="no"/>')),
  subtle('match no on a comment', inRule('<tcp match="no" comment="x"/>')),
  subtle('match no on a state', inRule('<tcp match="no" state="NEW"/>')),
  subtle('a mask without an address', inRule('<ip srcipmask="24"/>')),
  subtle('a mask negated apart', inRule('<ip srcipmask="24"/><ip match="no" srcipaddr="10.0.0.1"/>')),
  subtle('a code without a type', inRule('<icmp code="0"/>')),
  subtle('ports without a protocol', inRule('<ip dstportstart="25"/>')),
  subtle('ports of a protocol without', inRule('<ip protocol="icmp" dstportstart="25"/>')),
  subtle('ports of all protocols but one', inRule('<ip dstportstart="25"/><ip match="no" protocol="tcp"/>')),
  subtle('ICMPv6 types of TCP', inRule('<ipv6 protocol="tcp" type="1"/>')),
  subtle('a range that ends before it starts', inRule('<tcp dstportstart="26" dstportend="25"/>')),
  subtle(
    'an address range that ends before it starts',
    inRule('<tcp srcipfrom="10.0.1.1" srcipto="10.0.0.255"/>'),
  ),
  subtle('an IPv6 mask with a hole', inRule('<ipv6 srcipaddr="::1" srcipmask="ff0f::"/>')),
  subtle(
    'an id twice',
    `<filter name="f" ${NWG}><rule action="drop" direction="in" n:id="a"/><rule action="drop" direction="in" n:id="a"/></filter>`,
  ),
];

const binding = (content: string) => `<filterbinding>${content}</filterbinding>`;
const REST = '<filterref filter="clean-traffic"/>';

export const BINDINGS: readonly Sample[] = [
  fine(
    'all of it',
    binding(
      `<owner><name>vm 1</name><uuid>12345678-1234-1234-1234-123456789abc</uuid></owner><portdev name="vnet0"/><linkdev name="vnet0"/><mac address="52:54:0:0:0:1"/><backend name="nftables"/><filterref filter="x"><parameter name="IP" value="10.0.0.1"/></filterref>`,
    ),
  ),
  fine('the least', binding(`<portdev name="vnet0"/>${REST}`)),
  fine('another order', binding(`${REST}<mac address="52:54:00:00:00:01"/><portdev name="vnet0"/>`)),
  fine('a stored one', `<filterbinding ${NWG} n:revision="2"><portdev name="vnet0"/>${REST}</filterbinding>`),
  broken('no port', binding(REST)),
  broken('no filter', binding('<portdev name="vnet0"/>')),
  broken('two ports', binding(`<portdev name="a"/><portdev name="b"/>${REST}`)),
  broken('a port name too long', binding(`<portdev name="abcdefghijklmnop"/>${REST}`)),
  broken('a port name that is a wildcard', binding(`<portdev name="vnet+"/>${REST}`)),
  broken('a bad MAC', binding(`<portdev name="vnet0"/><mac address="1:2:3"/>${REST}`)),
  broken('another backend', binding(`<portdev name="vnet0"/><backend name="pf"/>${REST}`)),
  broken('an owner without a name', binding(`<owner/><portdev name="vnet0"/>${REST}`)),
  broken(
    'an owner with an empty name',
    binding(`<owner><name> </name></owner><portdev name="vnet0"/>${REST}`),
  ),
  broken('an unknown element', binding(`<portdev name="vnet0"/><target/>${REST}`)),
  broken('text', binding(`<portdev name="vnet0"/>${REST}x`)),
  broken('another root', `<filter name="x"><portdev name="vnet0"/></filter>`),
  subtle('another device to filter on', binding(`<portdev name="macvtap0"/><linkdev name="eth0"/>${REST}`)),
];
