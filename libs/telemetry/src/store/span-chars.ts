/** How much room a span takes: its characters, and a little for each of its parts. */
import type { Attributes } from '../finished-span.ts';
import type { ReceivedSpan } from '../received-span.ts';

/** A span without attributes and links, and one attribute or link beside its own text. */
const charsOfSpan = 200;
const charsOfPart = 32;

const attributesChars = (attributes: Attributes): number => {
  let chars = 0;
  for (const [name, value] of Object.entries(attributes)) {
    chars += charsOfPart + name.length + (typeof value === 'string' ? value.length : 0);
  }
  return chars;
};

/** An estimate that grows with what the span holds; not its bytes. */
export const spanChars = (span: ReceivedSpan): number => {
  const texts = [span.name, span.error ?? '', span.service, span.instance];
  let chars = charsOfSpan + attributesChars(span.attributes);
  for (const text of texts) chars += text.length;
  for (const link of span.links) chars += charsOfPart + attributesChars(link.attributes ?? {});
  return chars;
};
