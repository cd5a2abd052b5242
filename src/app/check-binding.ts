/** What a binding must be, wherever it comes from: the command line, a document, CIM. */
import type { Binding } from '../model/binding.js';
import { type Fault, throwIfAny } from '../model/errors.js';
import { inNameOrder } from '../model/filter.js';
import { isFilterName, isPortName, printable } from '../model/names.js';
import { PARAMETER_NAME, PARAMETER_VALUE } from '../model/variables.js';
import { mac as macType } from '../protocols/datatypes.js';
import { OWNER_NAME, UUID } from '../xml/vocabulary.js';

/** The binding in canonical text, parameters by name. Errors, all at once: NAME, VALUE. */
export function checkBinding(binding: Binding): Binding {
  const faults: Fault[] = [];
  const report = (code: Fault['code'], message: string) => faults.push({ code, message });
  if (!isPortName(binding.port)) report('NAME', `"${printable(binding.port)}" cannot be an interface name`);
  if (!isFilterName(binding.filter)) report('NAME', `"${printable(binding.filter)}" cannot be a filter name`);
  const mac = binding.mac === undefined ? undefined : macType.parse(binding.mac);
  if (binding.mac !== undefined && mac === undefined) {
    report('VALUE', `"${printable(binding.mac)}" must be ${macType.expects}`);
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
    mac,
    owner: owner && { name: owner.name, ...(uuid !== undefined && { uuid }) },
    parameters: inNameOrder(binding.parameters),
  };
}
