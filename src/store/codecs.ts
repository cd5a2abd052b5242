/** The stored forms: plain native XML, with rule ids and the revision as attributes of our namespace. */
import type { Binding } from '../model/binding.js';
import type { Filter } from '../model/filter.js';
import { checkBindingName, checkFilterName } from '../model/names.js';
import { readBinding } from '../xml/binding-read.js';
import { writeBinding } from '../xml/binding-write.js';
import { readFilter, storedRevision } from '../xml/nwfilter-read.js';
import { writeFilter } from '../xml/nwfilter-write.js';
import { parseXml } from '../xml/parse.js';
import type { Codec } from './collection.js';

export const filterCodec: Codec<Filter> = {
  noun: 'filter',
  checkName: checkFilterName,
  nameOf: (filter) => filter.name,
  read(content, source) {
    const root = parseXml(content, { source });
    return { value: readFilter(root, { source }), revision: storedRevision(root) ?? 1 };
  },
  write: (filter, revision) => writeFilter(filter, { identities: true, revision }),
};

export const bindingCodec: Codec<Binding> = {
  noun: 'binding of port',
  checkName: checkBindingName,
  nameOf: (binding) => binding.port,
  read(content, source) {
    const root = parseXml(content, { source });
    return { value: readBinding(root, { source }), revision: storedRevision(root) ?? 1 };
  },
  write: (binding, revision) => writeBinding(binding, { revision }),
};
