/** Where the stylesheets are: the package's folder xslt/, two levels above this file in src/ and in dist/. */
import { fileURLToPath } from 'node:url';
import type { Sheet } from '../mapping/transform.js';

export function sheetFile(sheet: Sheet): string {
  return fileURLToPath(new URL(`../../xslt/${sheet}.xsl`, import.meta.url));
}
