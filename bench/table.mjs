/** The table: what a row is, what is made of its figures, and how they are printed. */

/**
 * @typedef {object} Figures Of one size. `ours` and `reference` in seconds unless the row has a `unit`.
 * @property {number} ours
 * @property {number} [reference]
 * @property {number} [ratio] ours / reference, where it is not just that
 * @property {string} [note]
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {readonly (number | string)[]} sizes
 * @property {(size: number) => Promise<Figures>} run
 * @property {string} [unit] of `ours` and `reference`, when they are no seconds
 * @property {string} [reach] in words
 * @property {(figures: object, earlier: readonly object[]) => boolean | undefined} [met] of one size; `earlier` are those of the row
 *   before. Undefined: the reach says nothing about this size
 * @property {() => string | undefined} [lacks] why it cannot run
 * @property {string} [option] the option without which it does not run
 */

/** Times that our figure grows by from size to size, over the times that the size does: 1 is linear, 0 does not grow. */
export function growthOf(figures, before) {
  if (!before || typeof figures.size !== 'number') return undefined;
  return figures.ours / before.ours / (figures.size / before.size);
}

/** Runs a row; tells each size's results at once. */
export async function runRow({ name, sizes, run, unit = 's', reach, met = () => undefined }, tell) {
  const results = [];
  for (const size of sizes) {
    const figures = { name, size, unit, ...(await run(size)) };
    figures.ratio ??= figures.reference === undefined ? undefined : figures.ours / figures.reference;
    figures.growth = growthOf(figures, results.at(-1));
    results.push({ ...figures, reach, met: met(figures, results) });
    tell(results.at(-1));
  }
  return results;
}

const COLUMNS = [
  ['work', 46, ({ name }) => name],
  ['size', 7, ({ size }) => size],
  ['ours', 12, ({ ours, unit }) => amount(ours, unit)],
  ['reference', 12, ({ reference, unit }) => amount(reference, unit)],
  ['ratio', 7, ({ ratio }) => plain(ratio)],
  ['growth', 7, ({ growth }) => plain(growth)],
  ['met', 4, ({ met }) => (met === undefined ? '–' : met ? 'yes' : 'NO')],
  ['reach', 30, ({ reach }) => reach ?? ''],
  ['note', 0, ({ note }) => note ?? ''],
];

export const heading = () => line(COLUMNS.map(([title]) => title));
export const lineOf = (result) => line(COLUMNS.map(([, , cell]) => cell(result)));
export const skipped = ({ name }, reason) => line([name, '–', `not run: ${reason}`]);

const line = (cells) =>
  cells
    .map((cell, index) => String(cell).padEnd(COLUMNS[index][1]))
    .join(' ')
    .trimEnd();

const plain = (number) => (number === undefined ? '–' : number.toPrecision(3));

function amount(value, unit) {
  if (value === undefined) return '–';
  if (unit !== 's') return `${value < 100 ? value.toPrecision(3) : Math.round(value)} ${unit}`.trimEnd();
  return value < 10 ? `${(value * 1000).toFixed(1)} ms` : `${value.toFixed(1)} s`;
}
