/**
 * Writes what is made from the protocol tables: schemas/nwfilter.rng, schemas/nwfilterbinding.rng and the tables of
 * docs/filters.md. Run after a build: `npm run generate`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = (file) => import(pathToFileURL(join(root, 'dist', file)).href);
const { filterSchema, bindingSchema } = await built('xml/relaxng.js');
const { withTables } = await built('xml/attribute-tables.js');

const write = (file, content) => writeFileSync(join(root, file), content);
write('schemas/nwfilter.rng', filterSchema());
write('schemas/nwfilterbinding.rng', bindingSchema());
write('docs/filters.md', withTables(readFileSync(join(root, 'docs/filters.md'), 'utf8')));
