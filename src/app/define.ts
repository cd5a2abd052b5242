/** Native documents in: define, copy, validate. */
import { type Fault, fail, NwgateError } from '../model/errors.js';
import type { Filter } from '../model/filter.js';
import { checkFilterName } from '../model/names.js';
import { readFilter } from '../xml/nwfilter-read.js';
import type { DefineOptions } from './api.js';
import { storedFilter, type World } from './state.js';
import { storeFilters } from './store-filters.js';

/** Reads one native document. Errors: XML_*, LIMIT, SCHEMA, VALUE, NAME: every fault of it at once. */
export function readNative(document: string, source: string | undefined): Filter {
  return readFilter(document, { source });
}

/** Stores the filter of a document; answers its name. Errors: those of `readNative` and `storeFilters`. */
export async function define(world: World, document: string, options: DefineOptions): Promise<string> {
  const filter = readNative(document, options.source);
  const { mustExist, edited } = options;
  if (edited && edited.name !== filter.name) {
    const message = `editing ${edited.name} cannot rename it to ${filter.name}: see create-from`;
    throw fail('NAME', message);
  }
  if (mustExist) storedFilter(world.state, filter.name);
  await storeFilters(world, [{ filter, expected: edited?.revision }]);
  return filter.name;
}

/** A copy under a new name and uuid. Errors: FILTER_NOT_FOUND, NAME, EXISTS. */
export async function createFrom(world: World, name: string, newName: string): Promise<void> {
  const original = storedFilter(world.state, name).value;
  const copy = { ...original, name: checkFilterName(newName), uuid: undefined };
  if (world.state.brokenFilters.has(newName)) {
    throw fail('EXISTS', `there is a filter ${newName} already, though its file cannot be read`);
  }
  await storeFilters(world, [{ filter: copy, expected: 0 }]);
}

/** Every fault of a document; none when it is good. */
export function validate(document: string, source: string): readonly Fault[] {
  try {
    readNative(document, source);
    return [];
  } catch (error) {
    if (error instanceof NwgateError) return error.faults;
    throw error;
  }
}
