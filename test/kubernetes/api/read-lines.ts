/** Lines of a byte stream, each told as soon as it is whole. */

/** Resolves at the end of the stream; what follows the last line break is not told. */
export const readLines = async (
  stream: AsyncIterable<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> => {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  }
};
