/** MOF instances out: what refers to an instance of the document does so by its alias. Source: DSP0004 §7.7. */
import { type Instance, isObjectPath, type ObjectPath } from './instance.js';
import { type Literal, literalsOf } from './literals.js';
import { indented, list, quoted } from './mof-text.js';
import { formatPath, pathOfInstance } from './path.js';
import type { CimType } from './rows.js';

/** The instances in order; null properties are left out. Errors: CLASS_NOT_FOUND, CIM_PROPERTY for a missing key. */
export function instancesMof(instances: readonly Instance[], namespace: string): string {
  const paths = instances.map((instance) => formatPath(pathOfInstance(namespace, instance)));
  const aliases = new Map<string, string>();
  const aliasOf = (path: ObjectPath) => aliases.get(formatPath(path));
  const wanted = new Set(
    instances.flatMap(({ properties }) => [...properties.values()].filter(isObjectPath).map(formatPath)),
  );
  for (const path of paths) if (wanted.has(path)) aliases.set(path, `$I${aliases.size + 1}`);
  const written = instances.map((instance, index) =>
    instanceMof(instance, aliases.get(paths[index]!), aliasOf),
  );
  return `${[`#pragma namespace (${quoted(namespace)})`, ...written].join('\n\n')}\n`;
}

type AliasOf = (path: ObjectPath) => string | undefined;

function instanceMof(instance: Instance, alias: string | undefined, aliasOf: AliasOf): string {
  const lines = literalsOf(instance).map((literal) => `${literal.row.name} = ${valueMof(literal, aliasOf)};`);
  const as = alias === undefined ? '' : ` as ${alias}`;
  return `instance of ${instance.className}${as} {\n${indented(lines.join('\n'))}\n};`;
}

function valueMof({ row, value }: Literal, aliasOf: AliasOf): string {
  if (typeof value === 'string') return literal(row.type, value);
  if (isObjectPath(value)) return aliasOf(value) ?? quoted(formatPath(value));
  return list(value.map((each) => literal(row.type, each)));
}

const literal = (type: CimType, text: string) =>
  type === 'string' || type === 'datetime' ? quoted(text) : text;
