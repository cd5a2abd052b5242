/** What a binding must be, wherever it comes from: the command line, a document, CIM. */
import type { Binding } from '../model/binding.js';
import { type Fault, throwIfAny } from '../model/errors.js';
import { inNameOrder } from '../model/filter.js';
import { isClaimName, isFilterName, isPortName, printable } from '../model/names.js';
import { PARAMETER_NAME, PARAMETER_VALUE } from '../model/variables.js';
import { mac as macType } from '../protocols/datatypes.js';
import { OWNER_NAME, UUID } from '../xml/vocabulary.js';
import { claimedMac, macClaim } from './claims.js';

/** The port or claim that is meant: a claim's MAC address may be written in any way. */
export function canonicalName(name: string): string {
  const mac = /^mac:(.*)$/s.exec(name)?.[1];
  const canonical = mac === undefined ? undefined : macType.parse(mac);
  return canonical === undefined ? name : macClaim(canonical);
}

/** The binding in canonical text, parameters by name. Errors, all at once: NAME, VALUE. */
export function checkBinding(binding: Binding): Binding {
  const faults: Fault[] = [];
  const report = (code: Fault['code'], message: string) => faults.push({ code, message });
  const port = canonicalName(binding.port);
  if (!isPortName(port) && !isClaimName(port)) {
    report('NAME', `"${printable(port)}" cannot be the name of an interface, mac:MAC or vm:MACHINE`);
  }
  if (!isFilterName(binding.filter)) report('NAME', `"${printable(binding.filter)}" cannot be a filter name`);
  const mac = binding.mac === undefined ? undefined : macType.parse(binding.mac);
  if (binding.mac !== undefined && mac === undefined) {
    report('VALUE', `"${printable(binding.mac)}" must be ${macType.expects}`);
  }
  const claimed = claimedMac(port);
  if (claimed !== undefined && mac !== undefined && mac !== claimed) {
    report('VALUE', `${port} is bound with another MAC address, ${mac}`);
  }
  for (const { name, value } of binding.parameters) {
    if (!PARAMETER_NAME.test(name)) {
      report('NAME', `"${printable(name)}" cannot be the name of a parameter: letters, digits and _`);
    } else if (!PARAMETER_VALUE.test(value)) {
      report(
        'VALUE',
        `parameter ${name}: "${printable(value)}" holds something else than A-Z a-z 0-9 _ . : , / + -`,
      );
    }
  }
  const { owner } = binding;
  if (owner && OWNER_NAME.parse(owner.name) === undefined) {
    report('VALUE', `the owner "${printable(owner.name)}" must be ${OWNER_NAME.expects}`);
  }
  const uuid = owner?.uuid === undefined ? undefined : UUID.parse(owner.uuid);
  if (owner?.uuid !== undefined && uuid === undefined) {
    report('VALUE', `the owner's uuid "${printable(owner.uuid)}" must be ${UUID.expects}`);
  }
  throwIfAny(faults);
  return {
    ...binding,
    port,
    mac: mac ?? claimed,
    owner: owner && { name: owner.name, ...(uuid !== undefined && { uuid }) },
    parameters: inNameOrder(binding.parameters),
  };
}
