/** The port to an XSLT engine. */
import type { Element } from '../xml/element.js';

/** The stylesheets in xslt/. */
export const SHEETS = [
  'nwfilter-to-wscim',
  'wscim-to-nwfilter',
  'foreign-to-wscim',
  'wscim-to-foreign',
  'nwfilter-to-draft',
  'draft-to-nwfilter',
] as const;
export type Sheet = (typeof SHEETS)[number];

/**
 * Runs a stylesheet over a document. Parameters are strings. Implementations live in src/xslt; what comes out has passed
 * the XML gate again, so an engine's slip is an error and never a rule.
 */
export type Transform = (
  sheet: Sheet,
  document: Element,
  parameters?: Readonly<Record<string, string>>,
) => Promise<Element>;
