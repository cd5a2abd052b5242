/** Work on several things at once. Pure rooms use it around transforms; how many of these run is the engine's to say (src/xslt). */

/** Under way at once: enough for an engine never to wait and to be given several, few enough for what they hold to be little. */
const AT_ONCE = 32;

/**
 * What `work` makes of each item, in their order. Nothing new begins after a failure; what has begun ends, and the error is that of the
 * first item, in their order, that failed: the one that would be met if they were taken one after the other.
 */
export async function several<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const errors: { readonly index: number; readonly error: unknown }[] = [];
  const waiting = items.entries();
  const take = async () => {
    for (const [index, item] of waiting) {
      try {
        results[index] = await work(item, index);
      } catch (error) {
        errors.push({ index, error });
      }
      if (errors.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  const [first] = errors.sort((a, b) => a.index - b.index);
  if (first) throw first.error;
  return results;
}
