/** Writes schemas/nwgate.mof and schemas/wscim/ from the class tables. Run it after `npm run build`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cimSchemaFiles } from '../dist/cim/schema-files.js';

const schemas = join(dirname(dirname(fileURLToPath(import.meta.url))), 'schemas');

for (const [path, text] of cimSchemaFiles()) {
  const file = join(schemas, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
