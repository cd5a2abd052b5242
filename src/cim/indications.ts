/** Events as instances. When they happened and which one each is says whoever sends them. Source: CIM schema 2.42, Event. */
import type { Instance } from './instance.js';
import { formatPath, pathOfInstance } from './path.js';
import { DEFAULT_NAMESPACE } from './schema.js';
import { filterService, instance } from './views.js';

/** An instance that was, and is now: created without `before`, deleted without `after`. */
export interface InstanceChange {
  readonly before: Instance | undefined;
  readonly after: Instance | undefined;
}

const SEVERITY = { information: 2, warning: 3, major: 5 } as const;
const SECURITY_ALERT = 8;
const CAUSE_OTHER = 1;
const FORMAT_PATH = 2;

/** CIM_InstCreation, CIM_InstModification or CIM_InstDeletion of an instance in the default namespace. */
export function lifecycleIndication({ before, after }: InstanceChange, systemName: string): Instance {
  const source = after ?? before!;
  const className =
    before && after ? 'CIM_InstModification' : after ? 'CIM_InstCreation' : 'CIM_InstDeletion';
  return instance(className, {
    SourceInstance: source,
    PreviousInstance: before && after ? before : undefined,
    SourceInstanceModelPath: formatPath(pathOfInstance(DEFAULT_NAMESPACE, source)),
    SourceInstanceHost: systemName,
    PerceivedSeverity: SEVERITY.information,
  });
}

/**
 * NWG_HostAlert: `differences` has a line for each thing that was not as it should be, `failure` says why it is so still;
 * undefined where it has been put right.
 */
export function hostAlert(
  differences: readonly string[],
  failure: string | undefined,
  systemName: string,
): Instance {
  const service = filterService(systemName);
  const message =
    failure === undefined
      ? 'the host held other rules than it should and was put right'
      : `the host may hold other rules than it should and cannot be put right: ${failure}`;
  return instance('NWG_HostAlert', {
    AlertType: SECURITY_ALERT,
    PerceivedSeverity: failure === undefined ? SEVERITY.warning : SEVERITY.major,
    ProbableCause: CAUSE_OTHER,
    ProbableCauseDescription: 'somebody else changed the rules, or they were lost',
    AlertingManagedElement: formatPath(pathOfInstance(DEFAULT_NAMESPACE, service)),
    AlertingElementFormat: FORMAT_PATH,
    SystemCreationClassName: 'NWG_HostSystem',
    SystemName: systemName,
    ProviderName: 'nwgate',
    OwningEntity: 'nwgate',
    MessageID: failure === undefined ? 'NWG1' : 'NWG2',
    Message: message,
    Description: message,
    RecommendedActions: failure === undefined ? undefined : ['call VerifyHost with Repair'],
    Differences: differences,
  });
}

/** The same event with the moment it happened, an xs:dateTime, and a name of its own. */
export function stamped(indication: Instance, time: string, identifier: string): Instance {
  const stamp = [
    ['IndicationTime', time],
    ['IndicationIdentifier', identifier],
  ] as const;
  return { ...indication, properties: new Map([...indication.properties, ...stamp]) };
}
