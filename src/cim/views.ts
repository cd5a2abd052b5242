/**
 * What the gateway knows → instances of the classes that are no rules: host, ports, service, profile and the associations.
 * Pure; the rules themselves come from the stylesheets.
 */
import type { Binding } from '../model/binding.js';
import { withGeneration } from './generation.js';
import type { CimValue, Instance, ObjectPath } from './instance.js';
import { pathOfInstance } from './path.js';
import { DEFAULT_NAMESPACE, INTEROP_NAMESPACE } from './schema.js';

/** An interface of the host that is a port: bound, or a port of a bridge. */
export interface PortView {
  readonly name: string;
  /** Its own MAC. */
  readonly mac: string | undefined;
  /** The guest's MAC, as bound. */
  readonly guestMac: string | undefined;
  /** Undefined where the interface is not there (bound, but not yet made). */
  readonly link: { readonly mtu: number; readonly up: boolean } | undefined;
}

/** MAJOR.MINOR.UPDATE of the object model in docs/cim.md. */
export const PROFILE_VERSION = '1.0.0';

const ENABLED = { enabled: 2, disabled: 3, offline: 6 } as const;
const OPERATIONAL = { ok: 2, stopped: 10, noContact: 12 } as const;

/** An instance of named values; undefined ones are null and left out. */
export function instance(
  className: string,
  values: Readonly<Record<string, CimValue | undefined>>,
): Instance {
  const properties = new Map<string, CimValue>();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) properties.set(name, value);
  return { className, properties };
}

/** The three keys that every element on the host shares. */
export function hostKeys(systemName: string, className: string): Readonly<Record<string, string>> {
  return {
    SystemCreationClassName: 'NWG_HostSystem',
    SystemName: systemName,
    CreationClassName: className,
  };
}

export function hostSystem(systemName: string): Instance {
  return instance('NWG_HostSystem', {
    CreationClassName: 'NWG_HostSystem',
    Name: systemName,
    NameFormat: 'Other',
    ElementName: systemName,
    EnabledState: ENABLED.enabled,
    OperationalStatus: [OPERATIONAL.ok],
  });
}

export function filterService(systemName: string): Instance {
  return instance('NWG_FilterService', {
    ...hostKeys(systemName, 'NWG_FilterService'),
    Name: 'nwgate',
    ElementName: 'nwgate',
    Started: true,
    EnabledState: ENABLED.enabled,
    OperationalStatus: [OPERATIONAL.ok],
  });
}

export function networkPort(systemName: string, port: PortView): Instance {
  const { mac, guestMac, link } = port;
  const digits = (address: string | undefined) => address?.replaceAll(':', '').toUpperCase();
  const address = digits(guestMac ?? mac);
  const mtu = link && BigInt(link.mtu);
  const up = link?.up ?? false;
  return instance('NWG_NetworkPort', {
    ...hostKeys(systemName, 'NWG_NetworkPort'),
    DeviceID: port.name,
    Name: port.name,
    ElementName: port.name,
    EnabledState: link ? (up ? ENABLED.enabled : ENABLED.disabled) : ENABLED.offline,
    OperationalStatus: [link ? (up ? OPERATIONAL.ok : OPERATIONAL.stopped) : OPERATIONAL.noContact],
    LinkTechnology: 2,
    PermanentAddress: digits(mac),
    NetworkAddresses: address === undefined ? undefined : [address],
    ActiveMaximumTransmissionUnit: mtu,
    SupportedMaximumTransmissionUnit: mtu,
  });
}

export function listPath(systemName: string, filter: string): ObjectPath {
  const keys = { ...hostKeys(systemName, 'NWG_FilterList'), Name: filter };
  return pathOfInstance(DEFAULT_NAMESPACE, instance('NWG_FilterList', keys));
}

export function portPath(systemName: string, port: string): ObjectPath {
  const keys = { ...hostKeys(systemName, 'NWG_NetworkPort'), DeviceID: port };
  return pathOfInstance(DEFAULT_NAMESPACE, instance('NWG_NetworkPort', keys));
}

export function appliedFilterList(systemName: string, binding: Binding): Instance {
  const { parameters } = binding;
  return withGeneration(
    instance('NWG_AppliedFilterList', {
      Antecedent: listPath(systemName, binding.filter),
      Dependent: portPath(systemName, binding.port),
      ...(parameters.length > 0 && {
        ParameterNames: parameters.map(({ name }) => name),
        ParameterValues: parameters.map(({ value }) => value),
      }),
    }),
  );
}

/** The host and one of the lists or entries it has. */
export function hosted(
  className: 'NWG_HostedFilterList' | 'NWG_HostedFilterEntry',
  systemName: string,
  element: Instance,
): Instance {
  return instance(className, {
    Antecedent: pathOfInstance(DEFAULT_NAMESPACE, hostSystem(systemName)),
    Dependent: pathOfInstance(DEFAULT_NAMESPACE, element),
  });
}

export function hostedService(systemName: string): Instance {
  return instance('CIM_HostedService', {
    Antecedent: pathOfInstance(DEFAULT_NAMESPACE, hostSystem(systemName)),
    Dependent: pathOfInstance(DEFAULT_NAMESPACE, filterService(systemName)),
  });
}

/** The host and one of its ports. */
export function systemDevice(systemName: string, port: string): Instance {
  return instance('CIM_SystemDevice', {
    GroupComponent: pathOfInstance(DEFAULT_NAMESPACE, hostSystem(systemName)),
    PartComponent: portPath(systemName, port),
  });
}

export function registeredProfile(): Instance {
  return instance('CIM_RegisteredProfile', {
    InstanceID: 'nwgate:NetworkFilters',
    SpecificationType: 2,
    RegisteredOrganization: 1,
    OtherRegisteredOrganization: 'nwgate',
    RegisteredName: 'Network Filters',
    RegisteredVersion: PROFILE_VERSION,
    AdvertiseTypes: [2],
    ElementName: 'Network Filters',
  });
}

/** The service is the profile's central element. */
export function conformance(systemName: string): Instance {
  return instance('CIM_ElementConformsToProfile', {
    ConformantStandard: pathOfInstance(INTEROP_NAMESPACE, registeredProfile()),
    ManagedElement: pathOfInstance(DEFAULT_NAMESPACE, filterService(systemName)),
  });
}
