/** ImpliedProperties: ends of port ranges that a native rule leaves out because they are the start again. */
import type { Instance } from './instance.js';

const START_OF: Readonly<Record<string, string>> = {
  HdrSrcPortEnd: 'HdrSrcPortStart',
  HdrDestPortEnd: 'HdrDestPortStart',
};

/** The instance without claims that no longer hold: somebody changed one end of the range and sent the rest as it was read. */
export function withTrueImplications(instance: Instance): Instance {
  const claims = instance.properties.get('ImpliedProperties');
  if (!Array.isArray(claims)) return instance;
  const holds = claims.filter((name) => {
    const [end, start] = [said(instance, String(name)), said(instance, START_OF[String(name)] ?? '')];
    return end !== undefined && end === start;
  });
  const properties = new Map(instance.properties);
  if (holds.length > 0) properties.set('ImpliedProperties', holds);
  else properties.delete('ImpliedProperties');
  return { ...instance, properties };
}

/** Text of a property's value or of the variable in its place. */
function said({ properties }: Instance, name: string): string | undefined {
  const value = properties.get(name);
  if (value !== undefined) return String(value);
  const names = properties.get('VariableProperties');
  const expressions = properties.get('VariableExpressions');
  if (!Array.isArray(names) || !Array.isArray(expressions)) return undefined;
  return expressions[names.indexOf(name)];
}
