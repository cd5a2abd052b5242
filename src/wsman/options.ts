/** The wsman:OptionSet header. Names are plain text whatever prefix they seem to have, and may repeat. Source: DSP0226 §6.4. */
import { attribute, childrenNamed, type Element, text } from '../xml/element.js';
import { soapFault } from './faults.js';
import { NS } from './namespaces.js';

export interface Option {
  readonly name: string;
  readonly value: string;
  readonly mustComply: boolean;
}

/** More options than any operation has are an attack, not a request. */
const MOST_OPTIONS = 256;

/** Faults: InvalidOptions/InvalidName for one without a name, EncodingLimit/OptionLimit. */
export function readOptions(set: Element | undefined): readonly Option[] {
  const found = set ? childrenNamed(set, NS.wsman, 'Option') : [];
  if (found.length > MOST_OPTIONS)
    throw soapFault('wsman:EncodingLimit', 'OptionLimit', `more than ${MOST_OPTIONS} options`);
  return found.map((option) => {
    const name = attribute(option, 'Name')?.trim() ?? '';
    if (name === '')
      throw soapFault('wsman:InvalidOptions', 'InvalidName', 'an option has no attribute Name');
    const mustComply = ['true', '1'].includes((attribute(option, 'MustComply') ?? '').trim());
    return { name, value: text(option).trim(), mustComply };
  });
}

/** Refuses options that must be complied with and that an operation does not have. Faults: InvalidOptions/NotSupported. */
export function refuseOptions(options: readonly Option[], known: readonly string[]): void {
  const names = known.map((name) => name.toLowerCase());
  const others = options.filter(({ name, mustComply }) => mustComply && !names.includes(name.toLowerCase()));
  if (others.length > 0)
    throw soapFault(
      'wsman:InvalidOptions',
      'NotSupported',
      `no such option here: ${others.map(({ name }) => name).join(', ')}`,
    );
}

/** A yes-or-no option, `absent` when it is not there; one without a value says yes. Faults: InvalidOptions/InvalidValue. */
export function flag(options: readonly Option[], wanted: string, absent = false): boolean {
  const found = options.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (!found) return absent;
  const value = found.value.toLowerCase();
  if (['', 'true', '1'].includes(value)) return true;
  if (['false', '0'].includes(value)) return false;
  throw soapFault('wsman:InvalidOptions', 'InvalidValue', `the option ${found.name} is true or false`);
}
