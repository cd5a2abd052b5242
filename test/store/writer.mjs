/**
 * Replaces two filters and removes a third in one transaction, and is killed before the nth call that touches the disk:
 * node writer.mjs STATE N. Ends by itself when there are fewer calls.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [, , state, last] = process.argv;
const { openFileStore } = await import('../../dist/store/file-store.js');
const store = await openFileStore(state);

const filter = (name) => ({
  name,
  uuid: '11111111-1111-4111-8111-111111111111',
  chain: 'root',
  priority: 0,
  entries: [
    { kind: 'rule', id: 'r', action: 'drop', direction: 'out', statematch: true, matches: [], priority: 2 },
  ],
});
const changes = ['a', 'b'].map((name) => ({ name, value: filter(name), expected: undefined }));

let calls = 0;
for (const name of ['open', 'rename', 'rm', 'readFile']) {
  const original = fs.promises[name];
  fs.promises[name] = (...args) => {
    calls += 1;
    if (calls === Number(last)) process.kill(process.pid, 'SIGKILL');
    return original(...args);
  };
}
syncBuiltinESMExports();
await store.commit({
  filters: [...changes, { name: 'c', value: undefined, expected: undefined }],
  bindings: [],
});
