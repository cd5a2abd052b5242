/** Events as classes. Source: CIM schema 2.42, Event. They have no keys and no instances to enumerate. */
import { array, type ClassRow, property } from '../rows.js';

const SEVERITIES = {
  0: 'Unknown',
  1: 'Other',
  2: 'Information',
  3: 'Degraded/Warning',
  4: 'Minor',
  5: 'Major',
  6: 'Critical',
  7: 'Fatal/NonRecoverable',
};

const ALERT_TYPES = {
  1: 'Other',
  2: 'Communications Alert',
  3: 'Quality of Service Alert',
  4: 'Processing Error',
  5: 'Device Alert',
  6: 'Environmental Alert',
  7: 'Model Change',
  8: 'Security Alert',
};

/** An indication about instances that come, change and go. */
function lifecycle(name: string, about: string, ...properties: ClassRow['properties']): ClassRow {
  return { name, superclass: 'CIM_InstIndication', indication: true, about, properties };
}

export const INDICATIONS: readonly ClassRow[] = [
  {
    name: 'CIM_Indication',
    abstract: true,
    indication: true,
    about: 'something that happened',
    properties: [
      property('IndicationIdentifier', 'string'),
      array('CorrelatedIndications', 'string'),
      property('IndicationTime', 'datetime'),
      property('PerceivedSeverity', 'uint16', { values: SEVERITIES }),
      property('OtherSeverity', 'string'),
      property('IndicationFilterName', 'string'),
      property('SequenceContext', 'string'),
      property('SequenceNumber', 'sint64'),
    ],
  },
  {
    name: 'CIM_InstIndication',
    superclass: 'CIM_Indication',
    abstract: true,
    indication: true,
    about: 'something happened to an instance',
    properties: [
      property('SourceInstance', 'instance', { required: true }),
      property('SourceInstanceModelPath', 'string'),
      property('SourceInstanceHost', 'string'),
    ],
  },
  lifecycle('CIM_InstCreation', 'an instance came to be'),
  lifecycle(
    'CIM_InstModification',
    'an instance changed',
    property('PreviousInstance', 'instance', { about: 'as it was before' }),
  ),
  lifecycle('CIM_InstDeletion', 'an instance is gone; SourceInstance is as it was'),
  {
    name: 'CIM_ProcessIndication',
    superclass: 'CIM_Indication',
    abstract: true,
    indication: true,
    about: 'something happened that is no change of an instance',
    properties: [],
  },
  {
    name: 'CIM_AlertIndication',
    superclass: 'CIM_ProcessIndication',
    indication: true,
    about: 'something that somebody should look at',
    properties: [
      property('Description', 'string'),
      property('AlertingManagedElement', 'string'),
      property('AlertingElementFormat', 'uint16', {
        values: { 0: 'Unknown', 1: 'Other', 2: 'CIMObjectPath' },
      }),
      property('OtherAlertingElementFormat', 'string'),
      property('AlertType', 'uint16', { required: true, values: ALERT_TYPES }),
      property('OtherAlertType', 'string'),
      property('PerceivedSeverity', 'uint16', { required: true, values: SEVERITIES }),
      property('ProbableCause', 'uint16', { required: true }),
      property('ProbableCauseDescription', 'string'),
      property('Trending', 'uint16'),
      array('RecommendedActions', 'string'),
      property('EventID', 'string'),
      property('EventTime', 'datetime'),
      property('SystemCreationClassName', 'string', { max: 256 }),
      property('SystemName', 'string', { max: 256 }),
      property('ProviderName', 'string', { max: 256 }),
      property('OwningEntity', 'string'),
      property('MessageID', 'string'),
      property('Message', 'string'),
      array('MessageArguments', 'string'),
    ],
  },
  {
    name: 'NWG_HostAlert',
    superclass: 'CIM_AlertIndication',
    indication: true,
    about: 'the host held other rules than it should; MessageID NWG1: it was put right, NWG2: it was not',
    properties: [array('Differences', 'string', { about: 'one line each' })],
  },
];
