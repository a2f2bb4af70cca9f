/** Begins on the next few while one is being used: reading waits for answers, using it does not. */

/** Yields what `begin` gives for each item, in their order, `most` of them under way at a time. */
export async function* readAhead<Item, Read>(
  items: Iterable<Item>,
  most: number,
  begin: (item: Item) => Promise<Read>,
): AsyncGenerator<Read, void, undefined> {
  const begun: Promise<Read>[] = [];
  for (const item of items) {
    const reading = begin(item);
    // Told when its turn comes; who stops before that need not hear of it.
    reading.catch(() => undefined);
    begun.push(reading);
    const first = begun.length < most ? undefined : begun.shift();
    if (first !== undefined) yield await first;
  }
  for (const reading of begun) yield await reading;
}
