/** The stylesheets through each engine, beside xsltproc called by hand on the same files. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from './measure.mjs';
import { built, must, ROOT, tcpFilter } from './world.mjs';

const { builtin } = await built('xslt/builtin.js');
const { xsltproc } = await built('xslt/xsltproc.js');
const { toInstances, fromInstances } = await built('mapping/wscim.js');
const { writeFilter } = await built('xml/nwfilter-write.js');

const lacksXsltproc = () =>
  spawnSync('xsltproc', ['--version']).status === 0 ? undefined : 'needs xsltproc';

function row(name, reach, sizes, engine, way) {
  return {
    name,
    reach,
    sizes,
    lacks: engine === 'xsltproc' ? lacksXsltproc : undefined,
    async run(size) {
      const filter = tcpFilter(size);
      const made = engine === 'xsltproc' ? { transform: xsltproc(), close: async () => {} } : builtin();
      const directory = mkdtempSync(join(tmpdir(), 'nwbench-'));
      const file = join(directory, 'filter.xml');
      const instances = join(directory, 'instances.xml');
      writeFileSync(file, writeFilter(filter, { identities: true }));
      const sheet = (which) => join(ROOT, 'xslt', `${which}.xsl`);
      must('xsltproc', ['-o', instances, sheet('nwfilter-to-wscim'), file]);
      const elements = way === 'back' ? await toInstances(filter, xsltproc(), 'host') : [];
      const result = await compare({
        repeat: size > 1_000 ? 1 : 3,
        ours: () =>
          way === 'back'
            ? fromInstances(elements, made.transform)
            : toInstances(filter, made.transform, 'host'),
        reference: async () =>
          way === 'back'
            ? must('xsltproc', ['-o', '/dev/null', sheet('wscim-to-nwfilter'), instances])
            : must('xsltproc', ['-o', '/dev/null', sheet('nwfilter-to-wscim'), file]),
      });
      await made.close();
      rmSync(directory, { recursive: true });
      return result;
    },
  };
}

export const transformRows = [
  row(
    'native → CIM of N rules, libxslt',
    '≤ 3 × xsltproc from 1,000 on',
    [10, 100, 1_000, 10_000],
    'xsltproc',
    'there',
  ),
  row(
    'CIM → native of N rules, libxslt',
    '≤ 3 × xsltproc from 1,000 on',
    [10, 100, 1_000, 10_000],
    'xsltproc',
    'back',
  ),
  row('native → CIM of N rules, built-in', 'linear', [10, 100, 1_000], 'builtin', 'there'),
  row('CIM → native of N rules, built-in', 'linear', [10, 100, 1_000], 'builtin', 'back'),
];
