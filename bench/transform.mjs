/** The stylesheets through each engine, beside xsltproc called by hand on the same files. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from './measure.mjs';
import { built, lacks, must, ROOT, tcpFilter } from './world.mjs';

const { builtin } = await built('xslt/builtin.js');
const { inParts } = await built('xslt/parts.js');
const { xsltproc } = await built('xslt/xsltproc.js');
const { toInstances, fromInstances } = await built('mapping/wscim.js');
const { writeFilter } = await built('xml/nwfilter-write.js');

const SIZES = [10, 100, 1_000, 10_000];
/** What is asked of each engine: of xsltproc to be no more than three times itself, of ours to be linear. */
const ENGINES = {
  xsltproc: {
    make: () => ({ transform: xsltproc(), close: async () => {} }),
    reach: '≤ 3 × xsltproc from 1,000 on',
    met: ({ size, ratio }) => (size < 1_000 ? undefined : ratio <= 3),
  },
  'built-in': {
    make: () => builtin(),
    reach: 'linear',
    met: ({ growth }) => (growth === undefined ? undefined : growth <= 1.5),
  },
};

function row(way, engine) {
  const { make, reach, met } = ENGINES[engine];
  return {
    name: `${way === 'back' ? 'CIM → native' : 'native → CIM'} of N rules, ${engine}`,
    reach,
    met,
    sizes: SIZES,
    lacks: () => lacks('xsltproc'),
    async run(size) {
      const filter = tcpFilter(size);
      const made = make();
      const transform = inParts(made.transform);
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
          way === 'back' ? fromInstances(elements, transform) : toInstances(filter, transform, 'host'),
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

export const transformRows = Object.keys(ENGINES).flatMap((engine) => [
  row('there', engine),
  row('back', engine),
]);
