/** The service with nwgate's methods. The same rows make the WSDL of the SOAP service. */
import { array, type ClassRow, key, type PropertyRow, property, reference } from '../rows.js';

/** What `Format` takes. */
const FORMAT = 'one of native, wscim, cimxml, mof, draft';

const application: readonly PropertyRow[] = [
  property('FilterList', 'string', { required: true, about: 'name of the filter' }),
  property('Port', 'string', { required: true, about: "name of the host's interface" }),
  property('MACAddress', 'string', { about: "MAC address of the guest's interface" }),
  array('ParameterNames', 'string', { about: 'variables, paired with ParameterValues' }),
  array('ParameterValues', 'string', { about: 'their values; a name that repeats is a list' }),
];

export const SERVICE: readonly ClassRow[] = [
  {
    name: 'CIM_Service',
    superclass: 'CIM_EnabledLogicalElement',
    about: 'something a system offers',
    properties: [
      key('SystemCreationClassName'),
      key('SystemName'),
      key('CreationClassName'),
      key('Name'),
      property('PrimaryOwnerName', 'string', { max: 64 }),
      property('PrimaryOwnerContact', 'string', { max: 256 }),
      property('Started', 'boolean'),
    ],
  },
  {
    name: 'CIM_HostedService',
    superclass: 'CIM_HostedDependency',
    association: true,
    namespaces: ['root/nwgate'],
    about: 'a system offers a service',
    properties: [reference('Antecedent', 'CIM_System'), reference('Dependent', 'CIM_Service')],
  },
  {
    name: 'NWG_FilterService',
    superclass: 'CIM_Service',
    namespaces: ['root/nwgate'],
    about: 'the gateway itself; there is one',
    properties: [],
    methods: [
      {
        name: 'ImportPolicy',
        about: 'stores the filters of a document, all of them or none',
        input: [
          property('Document', 'string', { required: true, about: 'the document as text' }),
          property('Format', 'string', { about: `auto, or ${FORMAT}` }),
          property('Name', 'string', { about: 'name of the filter where the form has none' }),
          property('OnConflict', 'string', { about: 'fail, replace or skip' }),
        ],
        output: [
          array('Names', 'string', { about: 'filters written' }),
          property('Report', 'string', { about: 'what each object of the document became, one line each' }),
        ],
      },
      {
        name: 'ExportPolicy',
        about: 'writes filters as one document',
        input: [
          array('Names', 'string', { about: 'filters; none: all' }),
          property('Format', 'string', { required: true, about: FORMAT }),
          property('Classes', 'string', {
            about: 'whose classes wscim, cimxml and mof are written in: nwg (ours), kvm, amt, cim or policy',
          }),
          property('WithReferences', 'boolean', { about: 'add the filters they refer to' }),
          property('Lossy', 'boolean', { about: 'leave out what the form cannot hold instead of refusing' }),
        ],
        output: [
          property('Document', 'string', { about: 'the document as text' }),
          array('LeftOut', 'string', { about: 'what the form could not hold, where Lossy was asked for' }),
        ],
      },
      {
        name: 'ApplyFilterList',
        about: 'puts a filter on a port, in place of another that is there',
        input: application,
        output: [],
      },
      {
        name: 'RemoveFilterList',
        about: 'takes the filter off a port',
        input: [property('Port', 'string', { required: true, about: "name of the host's interface" })],
        output: [],
      },
      {
        name: 'CompileFilterList',
        about: 'the rules a filter would become on a port; nothing is touched',
        input: application,
        output: [
          property('Rules', 'string', { about: 'input of ebtables-, iptables- and ip6tables-restore' }),
        ],
      },
      {
        name: 'VerifyHost',
        about: 'compares the host with what should be there',
        input: [property('Repair', 'boolean', { about: 'put right what differs' })],
        output: [array('Differences', 'string', { about: 'one line each' })],
      },
    ],
  },
];
