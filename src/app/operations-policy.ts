/** Operations on policies in DMTF and native forms. */
import { z } from 'zod';
import { NEEDS } from './access.js';
import { CLASSES, FORMS } from './api.js';
import { ON_CONFLICT } from './choices.js';
import { operation } from './operation.js';

export const POLICY_OPERATIONS = {
  export: operation(
    'reader',
    z.strictObject({
      names: z.array(z.string()).default([]),
      form: z.enum(FORMS),
      classes: z.enum(CLASSES).default('nwg'),
      withReferences: z.boolean().default(false),
      lossy: z.boolean().default(false),
      binding: z.string().optional(),
    }),
    ({ gateway }, request) => gateway.exportPolicy(request),
  ),

  import: operation(
    NEEDS.importPolicy,
    z.strictObject({
      document: z.string(),
      source: z.string().optional(),
      form: z.enum(['auto', ...FORMS]).default('auto'),
      name: z.string().optional(),
      onConflict: z.enum(ON_CONFLICT).default('fail'),
      dryRun: z.boolean().default(false),
    }),
    ({ gateway }, request, by) => gateway.importPolicy(request, by),
  ),
};
