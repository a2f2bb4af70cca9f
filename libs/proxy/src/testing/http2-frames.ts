/** Test support: HTTP/2 as bytes, also such as no client would send. */

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** One frame: its type, flags, stream and payload (RFC 9113 4.1). */
export const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

const literal = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'latin1');
  const { length } = bytes;
  if (length < 127) return Buffer.concat([Buffer.from([length]), bytes]);
  // An integer of seven bits and more (RFC 7541 5.1); enough here for two further bytes.
  const rest = length - 127;
  const long = [127, (rest & 127) | 128, rest >> 7];
  return Buffer.concat([Buffer.from(long), bytes]);
};

/** Header lines as they are, without a table or Huffman's code (RFC 7541 6.2.2). */
export const headerBlock = (lines: readonly (readonly [string, string])[]): Buffer =>
  Buffer.concat(
    lines.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]),
  );

export const frameTypes = { data: 0, headers: 1, reset: 3, settings: 4, goaway: 7 } as const;
export const endStream = 1;
export const endHeaders = 4;

/** What a connection begins with. */
export const opening = (): Buffer =>
  Buffer.concat([
    Buffer.from(preface, 'latin1'),
    frame(frameTypes.settings, 0, 0, Buffer.alloc(0)),
  ]);

/** Every whole frame in what was received. */
export const framesIn = (bytes: Buffer) => {
  const frames: { type: number; flags: number; stream: number; payload: Buffer }[] = [];
  for (let at = 0; at + 9 <= bytes.length; ) {
    const length = bytes.readUIntBE(at, 3);
    if (at + 9 + length > bytes.length) break;
    frames.push({
      type: bytes[at + 3] as number,
      flags: bytes[at + 4] as number,
      stream: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + 9, at + 9 + length),
    });
    at += 9 + length;
  }
  return frames;
};
