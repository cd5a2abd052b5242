/** Both XSLT engines, for tests that hold one against the other. */
import { execFileSync } from 'node:child_process';
import type { Transform } from '../../src/mapping/transform.js';
import { type Element, isElement } from '../../src/xml/element.js';
import { serialise } from '../../src/xml/serialise.js';
import { type BuiltIn, builtin } from '../../src/xslt/builtin.js';
import { xsltproc } from '../../src/xslt/xsltproc.js';

/** Why the engines cannot be compared here, for `skipIf` and the test's name; undefined when they can. */
export const noXsltproc = (() => {
  try {
    execFileSync('xsltproc', ['--version']);
    return undefined;
  } catch {
    return 'xsltproc is not installed';
  }
})();

export const libxslt: Transform = xsltproc();

/** Close it after the tests. */
export const pure: BuiltIn = builtin();

/** The engine that tests of meaning use: the fast one where it is there. */
export const anyEngine: Transform = noXsltproc === undefined ? libxslt : pure.transform;

/** Text that is equal for documents that mean the same: attributes sorted. */
export function canonical(element: Element): string {
  const sorted = ({ attributes, children, ...rest }: Element): Element => ({
    ...rest,
    attributes: [...attributes].sort((a, b) => (a.ns + a.local < b.ns + b.local ? -1 : 1)),
    children: children.map((node) => (isElement(node) ? sorted(node) : node)),
  });
  return serialise(sorted(element), { pretty: true });
}
