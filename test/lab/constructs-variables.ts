/** Variables, lists of them, and filters that refer to others. */
import { type Construct, construct, document } from './construct.js';

const DROP_IP = '<rule action="drop" direction="inout" priority="1000"><all/></rule>';

const LISTS = [
  'A=10.77.1.1',
  'A=10.77.1.2',
  'A=10.77.1.3',
  'A=10.77.1.3',
  'B=80',
  'B=90',
  'B=81',
  'B=80',
  'C=1080',
  'C=1090',
  'C=1100',
  'C=1110',
] as const;
const listed = (name: string, attributes: string, parameters = LISTS as readonly `${string}=${string}`[]) =>
  construct(name, `<rule action="drop" direction="out"><tcp ${attributes}/></rule>`, { parameters });

const VARIABLES: readonly Construct[] = [
  construct(
    'variable',
    '<rule action="drop" direction="out"><tcp srcmacaddr="$MAC" dstipaddr="$PEER" dstportstart="$PORT"/></rule>',
    {
      parameters: ['PEER=10.77.1.9', 'PORT=25'],
    },
  ),
  construct('variable-mac-set', '<rule action="drop" direction="out"><mac srcmacaddr="$MAC"/></rule>', {
    parameters: ['MAC=52:54:00:77:00:63'],
  }),
  listed('list', 'dstipaddr="$A"'),
  listed('list-beside-list', 'dstipaddr="$A" dstportstart="$B"'),
  listed('list-iterators', 'dstipaddr="$A[@1]" dstportstart="$B[@2]"'),
  listed('list-one-iterator', 'dstipaddr="$A[@1]" srcportstart="$C[@2]" dstportstart="$B[@2]"'),
  listed('list-element', 'dstipaddr="$A[0]" dstportstart="$B[@0]"'),
  listed('list-elements', 'dstipaddr="$A[1]" srcportstart="$C[2]" dstportstart="$B[2]"'),
  listed('list-spaces', 'dstipaddr="$A[ 1 ]" dstportstart="$B[ @0 ]"'),
  listed('list-twice', 'srcipaddr="$A" dstipaddr="$A"'),
  listed('list-squared', 'srcipaddr="$A[@1]" dstipaddr="$A[@2]"'),
  construct(
    'list-on-ethernet',
    `<rule action="accept" direction="out"><ip srcipaddr="$IP"/></rule><rule action="drop" direction="out"><ip/></rule>`,
    {
      parameters: ['IP=10.77.0.10', 'IP=10.77.0.11'],
    },
  ),
];

const LAB_PORT = document(
  'lab-port',
  'root',
  '<rule action="drop" direction="out"><udp dstportstart="$PORT"/></rule>',
);

const REFERENCES: readonly Construct[] = [
  construct(
    'reference-parameter',
    '<filterref filter="lab-port"><parameter name="PORT" value="53"/></filterref>',
    {
      others: { 'lab-port': LAB_PORT },
    },
  ),
  construct(
    'reference-outer-wins',
    '<filterref filter="lab-port"><parameter name="PORT" value="53"/></filterref>',
    {
      parameters: ['PORT=123'],
      others: { 'lab-port': LAB_PORT },
    },
  ),
  construct(
    'reference-twice',
    `<filterref filter="lab-port"><parameter name="PORT" value="53"/></filterref>
     <filterref filter="lab-port"><parameter name="PORT" value="123"/></filterref>`,
    {
      others: {
        'lab-port': document(
          'lab-port',
          'root',
          '<rule action="drop" direction="inout"><udp dstportstart="$PORT"/></rule>',
        ),
      },
    },
  ),
  construct(
    'reference-depth',
    '<filterref filter="lab-middle"><parameter name="PORT" value="53"/></filterref>',
    {
      others: {
        'lab-middle': document(
          'lab-middle',
          'root',
          '<filterref filter="lab-port"><parameter name="PORT" value="80"/><parameter name="PEER" value="10.77.1.8"/></filterref>',
        ),
        'lab-port': document(
          'lab-port',
          'root',
          '<rule action="drop" direction="out"><udp dstportstart="$PORT" dstipaddr="$PEER"/></rule>',
        ),
      },
    },
  ),
  construct(
    'in-vlan-10',
    `<rule action="accept" direction="inout" priority="-700"><vlan vlanid="10"/></rule>
     <filterref filter="clean-traffic"/>`,
    { parameters: ['IP=10.77.0.10'] },
  ),
  construct(
    'web-server',
    `<filterref filter="clean-traffic"/>
     <rule action="accept" direction="in" priority="100"><tcp dstportstart="80"/></rule>
     <rule action="accept" direction="out" priority="200"><udp dstportstart="53" comment="names"/></rule>${DROP_IP}`,
    { parameters: ['IP=10.77.0.10'] },
  ),
];

export const VARIABLE_CONSTRUCTS: readonly Construct[] = [...VARIABLES, ...REFERENCES];
