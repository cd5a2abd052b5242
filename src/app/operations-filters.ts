/** Operations on filters. */
import { z } from 'zod';
import { writeFilter } from '../xml/nwfilter-write.js';
import { NEEDS } from './access.js';
import { NOTHING, operation } from './operation.js';

const NAMED = z.strictObject({ name: z.string() });

export const FILTER_OPERATIONS = {
  list: operation('reader', NOTHING, ({ gateway }) => gateway.listFilters()),

  dumpxml: operation('reader', NAMED, ({ gateway }, { name }) => {
    const { value, revision } = gateway.filter(name);
    return { document: writeFilter(value), revision };
  }),

  define: operation(
    NEEDS.define,
    z.strictObject({
      document: z.string(),
      source: z.string().optional(),
      mustExist: z.boolean().optional(),
      edited: z.strictObject({ name: z.string(), revision: z.number().int() }).optional(),
    }),
    ({ gateway }, { document, ...options }, by) => gateway.define(document, options, by),
  ),

  undefine: operation(NEEDS.undefine, NAMED, async ({ gateway }, { name }, by) => {
    await gateway.undefine(name, by);
    return { name };
  }),

  createFrom: operation(
    NEEDS.createFrom,
    z.strictObject({ name: z.string(), newName: z.string() }),
    ({ gateway }, { name, newName }, by) => gateway.createFrom(name, newName, by),
  ),

  validate: operation(
    'reader',
    z.strictObject({ document: z.string(), source: z.string() }),
    ({ gateway }, { document, source }) => gateway.validate(document, source),
  ),
};
