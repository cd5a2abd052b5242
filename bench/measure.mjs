/** Measuring: ours and the reference's taken in turn, so that both meet the same machine. */

/** Seconds that `work` takes. */
export async function seconds(work) {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * Runs ours and the reference alternately, each with its own preparation that is not counted, after one round of both that
 * is not counted either. Answers the medians in seconds and the median of the ratios round by round. `reference` may be left out.
 */
export async function compare({
  repeat = 5,
  prepare = async () => {},
  ours,
  prepareReference = prepare,
  reference,
}) {
  const mine = [];
  const theirs = [];
  for (let round = 0; round <= repeat; round += 1) {
    await prepare();
    mine.push(await seconds(ours));
    if (!reference) continue;
    await prepareReference();
    theirs.push(await seconds(reference));
  }
  const counted = mine.slice(1);
  if (!reference) return { ours: median(counted) };
  return {
    ours: median(counted),
    reference: median(theirs.slice(1)),
    ratio: median(counted.map((value, index) => value / theirs[index + 1])),
  };
}
