/** One change at a time, in the order in which they were asked for; a failed one does not stop the next. */
export type Exclusively = <T>(work: () => Promise<T>) => Promise<T>;

export function oneAtATime(): Exclusively {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
