/**
 * The top of the tree. Source: CIM schema 2.42, Core. Deprecated properties are left out throughout these tables; so are
 * methods that nwgate does not have.
 */
import { array, type ClassRow, GENERATION_ROW, property, reference } from '../rows.js';

const OPERATIONAL_STATUS = {
  0: 'Unknown',
  1: 'Other',
  2: 'OK',
  3: 'Degraded',
  4: 'Stressed',
  5: 'Predictive Failure',
  6: 'Error',
  7: 'Non-Recoverable Error',
  8: 'Starting',
  9: 'Stopping',
  10: 'Stopped',
  11: 'In Service',
  12: 'No Contact',
  13: 'Lost Communication',
  14: 'Aborted',
  15: 'Dormant',
  16: 'Supporting Entity in Error',
  17: 'Completed',
  18: 'Power Mode',
  19: 'Relocating',
};

export const CORE: readonly ClassRow[] = [
  {
    name: 'CIM_ManagedElement',
    abstract: true,
    about: 'anything managed',
    properties: [
      property('InstanceID', 'string'),
      property('Caption', 'string', { max: 64 }),
      property('Description', 'string'),
      property('ElementName', 'string'),
      GENERATION_ROW,
    ],
  },
  {
    name: 'CIM_ManagedSystemElement',
    superclass: 'CIM_ManagedElement',
    abstract: true,
    about: 'an element of a system',
    properties: [
      property('InstallDate', 'datetime'),
      property('Name', 'string', { max: 1024 }),
      array('OperationalStatus', 'uint16', { values: OPERATIONAL_STATUS }),
      array('StatusDescriptions', 'string'),
      property('HealthState', 'uint16'),
      property('CommunicationStatus', 'uint16'),
      property('DetailedStatus', 'uint16'),
      property('OperatingStatus', 'uint16'),
      property('PrimaryStatus', 'uint16'),
    ],
  },
  {
    name: 'CIM_LogicalElement',
    superclass: 'CIM_ManagedSystemElement',
    abstract: true,
    about: 'an element that is not physical',
    properties: [],
  },
  {
    name: 'CIM_EnabledLogicalElement',
    superclass: 'CIM_LogicalElement',
    abstract: true,
    about: 'an element that can be enabled and disabled',
    properties: [
      property('EnabledState', 'uint16', {
        values: {
          0: 'Unknown',
          1: 'Other',
          2: 'Enabled',
          3: 'Disabled',
          4: 'Shutting Down',
          5: 'Not Applicable',
          6: 'Enabled but Offline',
          7: 'In Test',
          8: 'Deferred',
          9: 'Quiesce',
          10: 'Starting',
        },
      }),
      property('OtherEnabledState', 'string'),
      property('RequestedState', 'uint16'),
      property('EnabledDefault', 'uint16'),
      property('TimeOfLastStateChange', 'datetime'),
      array('AvailableRequestedStates', 'uint16'),
      property('TransitioningToState', 'uint16'),
    ],
  },
  {
    name: 'CIM_Component',
    abstract: true,
    association: true,
    about: 'a part-of relation',
    properties: [
      reference('GroupComponent', 'CIM_ManagedElement'),
      reference('PartComponent', 'CIM_ManagedElement'),
    ],
  },
  {
    name: 'CIM_Dependency',
    abstract: true,
    association: true,
    about: 'the dependent element needs the antecedent',
    properties: [reference('Antecedent', 'CIM_ManagedElement'), reference('Dependent', 'CIM_ManagedElement')],
  },
  {
    name: 'CIM_HostedDependency',
    superclass: 'CIM_Dependency',
    abstract: true,
    association: true,
    about: 'the dependent element lives on the antecedent',
    properties: [],
  },
];
