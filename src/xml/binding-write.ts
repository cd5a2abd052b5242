/** Binding → libvirt's `<filterbinding>`. */
import type { Binding } from '../model/binding.js';
import { type Element, el } from './element.js';
import { ours, referenceElement, type StoredForm, withRevision, writeNative } from './nwfilter-write.js';
import { CLAIM } from './vocabulary.js';

/** In libvirt's order: owner, portdev, mac, filterref. `readBinding` gives the same binding back; the stored form has its claim too. */
export function bindingElement(binding: Binding, { revision }: Pick<StoredForm, 'revision'> = {}): Element {
  const { owner, port, mac } = binding;
  const uuid = owner?.uuid === undefined ? [] : [el('', 'uuid', {}, owner.uuid)];
  const root = el(
    '',
    'filterbinding',
    {},
    ...(owner === undefined ? [] : [el('', 'owner', {}, el('', 'name', {}, owner.name), ...uuid)]),
    el('', 'portdev', { name: port }),
    ...(mac === undefined ? [] : [el('', 'mac', { address: mac })]),
    referenceElement(binding),
  );
  const made =
    binding.claim === undefined || revision === undefined
      ? root
      : { ...root, attributes: [...root.attributes, ours(CLAIM.name, binding.claim)] };
  return withRevision(made, revision);
}

/** Canonical text: indented, one line feed at the end. */
export function writeBinding(binding: Binding, stored: Pick<StoredForm, 'revision'> = {}): string {
  return writeNative(bindingElement(binding, stored));
}
