/** The store as files people can read: `<state>/filters/<name>.xml`, `<state>/bindings/<port>.xml`. */
import { join } from 'node:path';
import type { Changes, Store } from '../app/ports.js';
import type { Log } from '../app/state.js';
import { openCache } from './cache.js';
import { bindingCodec, filterCodec } from './codecs.js';
import { fileCollection } from './collection.js';
import { makePrivate, onDisk, removeLeftovers } from './disk.js';
import { changeFiles, finishJournal } from './journal.js';

/**
 * Opens a state directory, making it when it is not there, and finishes or clears what a killed process left. The caller
 * holds the lock of the directory. Trouble with the caches is told to `log` and stops nothing. Errors: DISK.
 */
export async function openFileStore(state: string, log?: Pick<Log, 'warn'>): Promise<Store> {
  const directories = { filters: join(state, 'filters'), bindings: join(state, 'bindings') };
  await onDisk(state, async () => {
    for (const directory of [state, ...Object.values(directories)]) await makePrivate(directory);
    await finishJournal(state);
    for (const directory of [state, ...Object.values(directories)]) await removeLeftovers(directory);
  });
  const complain = (trouble: string) => log?.warn({ trouble }, 'the cache of what is stored is of no use');
  const cacheOf =
    <T>(kind: string) =>
    () =>
      openCache<T>(join(state, `${kind}.cache`), complain);
  const filters = fileCollection(directories.filters, filterCodec, cacheOf('filters'));
  const bindings = fileCollection(directories.bindings, bindingCodec, cacheOf('bindings'));
  return {
    filters,
    bindings,
    async commit(changes: Changes) {
      const files = [
        ...(await Promise.all(changes.filters.map(filters.fileChange))),
        ...(await Promise.all(changes.bindings.map(bindings.fileChange))),
      ];
      await onDisk(state, () => changeFiles(state, files));
    },
  };
}
