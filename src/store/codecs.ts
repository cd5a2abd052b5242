/** The stored forms: plain native XML, with rule ids and the revision as attributes of our namespace. */
import type { Stored } from '../app/ports.js';
import type { Binding } from '../model/binding.js';
import { NwgateError } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { checkBindingName, checkFilterName } from '../model/names.js';
import { readBinding } from '../xml/binding-read.js';
import { writeBinding } from '../xml/binding-write.js';
import type { Element } from '../xml/element.js';
import { readFilter, storedRevision } from '../xml/nwfilter-read.js';
import { writeFilter } from '../xml/nwfilter-write.js';
import { parseXml } from '../xml/parse.js';
import type { Codec } from './collection.js';

export const filterCodec: Codec<Filter> = {
  noun: 'filter',
  checkName: checkFilterName,
  nameOf: (filter) => filter.name,
  read(content, source) {
    return readRoot(content, source, (root) => readFilter(root, { source }));
  },
  write: (filter, revision) => writeFilter(filter, { identities: true, revision }),
};

export const bindingCodec: Codec<Binding> = {
  noun: 'binding of port',
  checkName: checkBindingName,
  nameOf: (binding) => binding.port,
  read(content, source) {
    return readRoot(content, source, (root) => readBinding(root, { source }));
  },
  write: (binding, revision) => writeBinding(binding, { revision }),
};

/** Where things stand takes half the time of reading and is of use in faults alone: for those the file is read once more. */
function readRoot<T>(content: Uint8Array, source: string, read: (root: Element) => T): Stored<T> {
  const readAs = (plain: boolean) => {
    const root = parseXml(content, { source, plain });
    return { value: read(root), revision: storedRevision(root) ?? 1 };
  };
  try {
    return readAs(true);
  } catch (error) {
    if (!(error instanceof NwgateError)) throw error;
    return readAs(false);
  }
}
