/** Who is told of which events. Source: CIM schema 2.42, Event. */
import { array, type ClassRow, key, property, reference } from '../rows.js';

const hostKeys = [key('SystemCreationClassName'), key('SystemName'), key('CreationClassName')];

export const SUBSCRIPTIONS: readonly ClassRow[] = [
  {
    name: 'CIM_IndicationFilter',
    superclass: 'CIM_ManagedElement',
    namespaces: ['root/interop'],
    about: 'which indications are wanted',
    properties: [
      ...hostKeys,
      property('Name', 'string', { key: true, required: true }),
      property('IndividualSubscriptionSupported', 'boolean'),
      property('Query', 'string', { required: true }),
      property('QueryLanguage', 'string', { required: true }),
      array('SourceNamespaces', 'string', { about: 'where the indications originate' }),
      array('TemplateVariable', 'string'),
    ],
  },
  {
    name: 'CIM_ListenerDestination',
    superclass: 'CIM_ManagedElement',
    abstract: true,
    about: 'where indications are delivered',
    properties: [
      ...hostKeys,
      key('Name'),
      property('PersistenceType', 'uint16', { values: { 1: 'Other', 2: 'Permanent', 3: 'Transient' } }),
      property('OtherPersistenceType', 'string'),
      property('Destination', 'string'),
      property('OtherProtocol', 'string'),
      property('Protocol', 'uint16', {
        values: { 1: 'Other', 2: 'CIM-XML', 3: 'SM CLP', 4: 'WS-Management', 5: 'WSDM', 6: 'SMTP' },
      }),
    ],
  },
  {
    name: 'CIM_ListenerDestinationWSManagement',
    superclass: 'CIM_ListenerDestination',
    namespaces: ['root/interop'],
    about: 'where indications are delivered by WS-Management',
    properties: [
      property('Destination', 'string', { required: true, about: 'address of NotifyTo; anonymous for Pull' }),
      property('DestinationEndTo', 'string'),
      property('Locale', 'string'),
      property('ContentEncoding', 'string'),
      property('DeliveryMode', 'uint16', {
        values: { 2: 'Push', 3: 'PushWithAck', 4: 'Events', 5: 'Pull' },
      }),
      property('Heartbeat', 'uint64', { about: 'in seconds' }),
      property('SendBookmark', 'boolean'),
      property('MaxTime', 'uint64', { about: 'in seconds' }),
      property('DeliveryAuth', 'string'),
      property('PolyMorphismMode', 'uint16', {
        values: { 1: 'None', 2: 'IncludeSubclassProperties', 3: 'ExcludeSubclassProperties' },
      }),
    ],
  },
  {
    name: 'CIM_AbstractIndicationSubscription',
    association: true,
    abstract: true,
    about: 'a flow of indications',
    properties: [
      property('OnFatalErrorPolicy', 'uint16', {
        values: { 1: 'Other', 2: 'Ignore', 3: 'Disable', 4: 'Remove' },
      }),
      property('OtherOnFatalErrorPolicy', 'string'),
      property('FailureTriggerTimeInterval', 'uint64', { about: 'in seconds' }),
      property('SubscriptionState', 'uint16', {
        values: { 0: 'Unknown', 1: 'Other', 2: 'Enabled', 3: 'Enabled Degraded', 4: 'Disabled' },
      }),
      property('OtherSubscriptionState', 'string'),
      property('TimeOfLastStateChange', 'datetime'),
      property('SubscriptionDuration', 'uint64', { about: 'in seconds' }),
      property('SubscriptionStartTime', 'datetime'),
      property('SubscriptionTimeRemaining', 'uint64', { about: 'in seconds' }),
      property('RepeatNotificationPolicy', 'uint16', {
        values: { 0: 'Unknown', 1: 'Other', 2: 'None', 3: 'Suppress', 4: 'Delay' },
      }),
      property('OtherRepeatNotificationPolicy', 'string'),
      property('RepeatNotificationInterval', 'uint64'),
      property('RepeatNotificationGap', 'uint64'),
      property('RepeatNotificationCount', 'uint16'),
      property('SubscriptionInfo', 'string'),
      reference('Filter', 'CIM_ManagedElement'),
      reference('Handler', 'CIM_ListenerDestination'),
    ],
  },
  {
    name: 'CIM_IndicationSubscription',
    superclass: 'CIM_AbstractIndicationSubscription',
    association: true,
    namespaces: ['root/interop'],
    about: 'indications that pass a filter go to a destination',
    properties: [
      reference('Filter', 'CIM_IndicationFilter'),
      reference('Handler', 'CIM_ListenerDestination'),
    ],
  },
];
