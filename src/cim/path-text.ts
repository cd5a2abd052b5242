/** Object paths written as text. Source: DSP0004 §8.2.5 (untyped WBEM URI in MOF). Writing is `formatPath` of path.ts. */
import { fail } from '../model/errors.js';
import { printable } from '../model/names.js';
import type { ObjectPath } from './instance.js';
import { classNameOf } from './loose.js';

const WHOLE = /^(?:\/\/[^/]*\/)?(?:(?<namespace>[^:.="]*):)?(?<className>[A-Za-z]\w*)\.(?<keys>.+)$/s;
const KEY = /(?<name>[A-Za-z_]\w*)=(?:"(?<text>[^"\\]*(?:\\.[^"\\]*)*)"|(?<plain>[^",]+))(?:,|$)/sy;

/** `[//host/][namespace:]Class.key="value",…`; without a namespace it is `namespace`. Errors: CIM_SELECTORS. */
export function parsePath(written: string, namespace: string): ObjectPath {
  const whole = WHOLE.exec(written.trim())?.groups;
  const bad = () => fail('CIM_SELECTORS', `"${printable(written, 120)}" is no path of an object`);
  if (!whole) throw bad();
  const pattern = new RegExp(KEY);
  const text = whole.keys ?? '';
  const keys = new Map<string, string>();
  while (pattern.lastIndex < text.length) {
    const key = pattern.exec(text)?.groups;
    if (!key || keys.has(key.name ?? '')) throw bad();
    keys.set(key.name ?? '', key.plain ?? (key.text ?? '').replace(/\\(.)/gs, '$1'));
  }
  const className = classNameOf(whole.className ?? '');
  return { namespace: whole.namespace ?? namespace, className, keys };
}
