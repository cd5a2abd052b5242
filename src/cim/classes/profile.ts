/** What the gateway claims to be. Source: CIM schema 2.42, Interop. */
import { array, type ClassRow, key, property, reference } from '../rows.js';

const ORGANISATIONS = { 1: 'Other', 2: 'DMTF', 11: 'SNIA' };

export const PROFILE: readonly ClassRow[] = [
  {
    name: 'CIM_RegisteredSpecification',
    superclass: 'CIM_ManagedElement',
    about: 'a specification that is implemented',
    properties: [
      key('InstanceID'),
      property('SpecificationType', 'uint16', {
        values: { 1: 'Other', 2: 'Profile', 3: 'Initiative Wrapper', 4: 'Mapping' },
      }),
      property('OtherSpecificationType', 'string', { max: 256 }),
      property('RegisteredOrganization', 'uint16', { required: true, values: ORGANISATIONS }),
      property('OtherRegisteredOrganization', 'string', { max: 256 }),
      property('RegisteredName', 'string', { required: true, max: 256 }),
      property('RegisteredVersion', 'string', { required: true }),
      array('AdvertiseTypes', 'uint16', {
        required: true,
        values: { 1: 'Other', 2: 'Not Advertised', 3: 'SLP', 4: 'WS-Identify' },
      }),
      array('AdvertiseTypeDescriptions', 'string'),
    ],
  },
  {
    name: 'CIM_RegisteredProfile',
    superclass: 'CIM_RegisteredSpecification',
    namespaces: ['root/interop'],
    about: 'a profile that is implemented',
    properties: [array('ImplementedFeatures', 'string')],
  },
  {
    name: 'CIM_ElementConformsToProfile',
    association: true,
    namespaces: ['root/interop', 'root/nwgate'],
    about: 'an element conforms to a profile',
    properties: [
      reference('ConformantStandard', 'CIM_RegisteredProfile'),
      reference('ManagedElement', 'CIM_ManagedElement'),
    ],
  },
];
