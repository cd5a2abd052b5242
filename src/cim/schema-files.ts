/** The generated files of schemas/: MOF and XML Schema of the classes that have instances here, or are sent as events. */
import { classesMof } from './mof.js';
import { CLASSES } from './schema.js';
import { classXsd, commonXsd } from './xsd.js';

/** Text of each file by its path below schemas/. Files there that are not in it are not ours. */
export function cimSchemaFiles(): ReadonlyMap<string, string> {
  const ours = CLASSES.filter(({ name }) => name.startsWith('NWG_'));
  const served = CLASSES.filter((row) => row.namespaces !== undefined || (row.indication && !row.abstract));
  return new Map([
    ['nwgate.mof', classesMof(ours)],
    ['wscim/common.xsd', commonXsd()],
    ...served.map((row) => [`wscim/${row.name}.xsd`, classXsd(row)] as const),
  ]);
}
