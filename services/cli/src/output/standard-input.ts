/** Standard input as one text, for `-f -`. */
import { addAbortSignal, type Readable } from 'node:stream';

/** More than the largest text of manifests that is read at all. */
const bytesMax = 16 * 1024 * 1024;

/**
 * Everything up to the end of the stream. Rejects with a RangeError when it is too long, and with
 * an AbortError when the signal aborts.
 */
export const readInput = async (input: Readable, signal: AbortSignal): Promise<string> => {
  addAbortSignal(signal, input);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new RangeError(`it is longer than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};
