/** libvirt's `<filterbinding>` → Binding. */
import type { Binding } from '../model/binding.js';
import { throwIfAny } from '../model/errors.js';
import type { FilterRef } from '../model/filter.js';
import type { Element } from './element.js';
import { once, type Reading, readChildren, readText, readWords, report } from './faults.js';
import { open, type ReadOptions, readReference } from './nwfilter-read.js';
import {
  BACKEND_WORDS,
  BINDING_WORDS,
  CLAIM,
  MAC_WORDS,
  OWNER_NAME,
  PORT_WORDS,
  UUID,
  type Word,
} from './vocabulary.js';

/**
 * Reads a binding: `portdev` and `filterref` must be there, `owner` and `mac` may. `linkdev` may repeat the port's name;
 * filtering on another device is refused. `backend` is read over. Throws one NwgateError with all faults: SCHEMA, VALUE,
 * NAME; and what `parseXml` throws.
 */
export function readBinding(document: string | Uint8Array | Element, options: ReadOptions = {}): Binding {
  const { root, reading } = open(document, options, 'filterbinding');
  const claim = readWords(root, BINDING_WORDS, reading).get(CLAIM.name);
  let owner: Binding['owner'];
  let reference: FilterRef | undefined;
  const single = new Map<string, string>();
  const attributeOf = (words: readonly Word[]) =>
    once(reading, (element: Element) => {
      const [value] = readWords(element, words, reading).values();
      readChildren(element, {}, reading);
      if (value !== undefined) single.set(element.local, value);
    });
  readChildren(
    root,
    {
      owner: once(reading, (element) => {
        owner = readOwner(element, reading);
      }),
      portdev: attributeOf(PORT_WORDS),
      linkdev: attributeOf(PORT_WORDS),
      mac: attributeOf(MAC_WORDS),
      backend: attributeOf(BACKEND_WORDS),
      filterref: once(reading, (element) => {
        reference = readReference(element, reading);
      }),
    },
    reading,
  );
  for (const needed of ['portdev', 'filterref']) {
    if (!root.children.some((node) => typeof node !== 'string' && node.local === needed))
      report(reading, 'SCHEMA', `<filterbinding> needs a <${needed}>`, root.at);
  }
  const [port, link] = [single.get('portdev'), single.get('linkdev')];
  if (port !== undefined && link !== undefined && link !== port) {
    const message = `filtering on another device than the port is not supported: linkdev ${link}, portdev ${port}`;
    report(reading, 'VALUE', message, root.at, 'linkdev');
  }
  throwIfAny(reading.faults);
  return {
    port: port!,
    filter: reference!.filter,
    mac: single.get('mac'),
    owner,
    parameters: reference!.parameters,
    ...(claim !== undefined && { claim }),
  };
}

function readOwner(element: Element, reading: Reading): Binding['owner'] {
  let name: string | undefined;
  let uuid: string | undefined;
  let named = false;
  readWords(element, [], reading);
  readChildren(
    element,
    {
      name: once(reading, (child) => {
        named = true;
        name = readText(child, OWNER_NAME, reading);
      }),
      uuid: once(reading, (child) => {
        uuid = readText(child, UUID, reading);
      }),
    },
    reading,
  );
  if (!named) report(reading, 'SCHEMA', '<owner> needs a <name>', element.at);
  return name === undefined ? undefined : { name, ...(uuid !== undefined && { uuid }) };
}
