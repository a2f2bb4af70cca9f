/** A watch's bytes as lines of JSON; a line that was cut off is never taken for a whole one. */

/** Objects are below 2 MB each (the store's own limit); what is longer is no object. */
const lineCharsMax = 8_388_608;

/** Splits chunks into lines; rejects when the last line has no end, or one grows too long. */
export async function* watchLines(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > lineCharsMax) {
      throw new Error(`a line of the watch has more than ${lineCharsMax} characters`);
    }
    for (const line of lines) if (line.trim() !== '') yield line;
  }
  if (rest.trim() !== '') throw new Error('the watch ended in the middle of a line');
}
