/** Messages as they must never be: real ones, each broken in one or several ways. */
import fc from 'fast-check';
import { type Message, recordedMessages } from './recorded-messages.ts';

const deepNesting = 10_000;
const largeBody = 1_000_000;

/** JSON texts that a number, a text or an object may be replaced by. */
const oddJson = fc.oneof(
  fc.constantFrom(
    ...['null', 'true', 'false', '{}', '[]', '[[]]', '""', '" "', '"NaN"', '"-0"', '0', '-1'],
    ...['-0', '0.5', '1e308', '1e999', '-1e999', '9007199254740993', '1e-400', '"Infinity"'],
    ...['"\\u0000"', '"\\ud800"', '"\\u202e"', '"../../x"', '"a.b.>"', '{"__proto__":{"a":1}}'],
    ...['{"constructor":null}', '{"toString":1}', '"partition/3"', '"dev.flyball.decided.v1"'],
  ),
  fc.constant(`${'['.repeat(deepNesting)}${']'.repeat(deepNesting)}`),
  fc.constant(`"${'x'.repeat(70_000)}"`),
  fc.constant(`[${'1,'.repeat(20_000)}1]`),
  fc.json(),
);

/** Places of values in a JSON text: behind a colon, a bracket or a comma. */
const valuePattern = /(?<=[:[,])(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)(?=[,\]}])/g;
const keyPattern = /"[A-Za-z]+"(?=:)/g;

const replaceNth = (text: string, pattern: RegExp, nth: number, by: string): string => {
  const places = [...text.matchAll(pattern)];
  const place = places[nth % Math.max(1, places.length)];
  if (place === undefined) return text;
  return text.slice(0, place.index) + by + text.slice(place.index + place[0].length);
};

type Break = (message: Message) => Message;

const ofBody = (change: (body: string) => string): Break => {
  return (message) => ({ ...message, body: change(message.body) });
};

const version = fc.constantFrom('0', '2', '3', '01', '-1', '99999999999999999999', '1.5', 'x', '');
const newKey = fc.constantFrom('"__proto__"', '"constructor"', '"data"', '"x"', '""', '"id"');

const breaks: fc.Arbitrary<Break> = fc.oneof(
  fc.nat().map((at) => ofBody((body) => body.slice(0, at % Math.max(1, body.length)))),
  fc
    .tuple(fc.nat(), oddJson)
    .map(([nth, by]) => ofBody((body) => replaceNth(body, valuePattern, nth, by))),
  fc
    .tuple(fc.nat(), newKey)
    .map(([nth, by]) => ofBody((body) => replaceNth(body, keyPattern, nth, by))),
  version.map((by) => ofBody((body) => body.replace(/\.v\d+"/, `.v${by}"`))),
  oddJson.map((by) => ofBody((body) => body.replace(/"data":\{.*\}(?=[,}])/, `"data":${by}`))),
  fc.tuple(fc.nat(), fc.string({ unit: 'binary', maxLength: 8 })).map(([at, text]) =>
    ofBody((body) => {
      const place = at % Math.max(1, body.length);
      return body.slice(0, place) + text + body.slice(place + text.length);
    }),
  ),
  fc.constantFrom(...recordedMessages).map(
    ({ subject }): Break =>
      (message) => ({ ...message, subject }),
  ),
  fc.constantFrom(...['.more', '.', '.>', ' ', '.requests.lost', '.ticks', '.constructor']).map(
    (tail): Break =>
      (message) => ({ ...message, subject: message.subject + tail }),
  ),
  fc
    .constantFrom(...['.4.', '.03.', '.3e0.', '.-1.', '.0x3.', '..', '.999999999999999999999.'])
    .map(
      (part): Break =>
        (message) => ({
          ...message,
          subject: message.subject.replace(/\.\d+\./, part),
        }),
    ),
  fc.constant(ofBody((body) => body.replace(/,"chain":"[0-9a-f]{64}"/, ''))),
  fc.constant(ofBody((body) => body.replace(/("chain":")[0-9a-f]/, '$1g'))),
  fc.constant(ofBody((body) => body.replace('{', `{"x":"${'x'.repeat(largeBody)}",`))),
  fc.constant(ofBody((body) => body.replace(/"time":"[^"]*"/, '"time":"9999-12-31T23:59:60Z"'))),
  // As the client library decodes bytes that are no UTF-8.
  fc.constant(ofBody((body) => Buffer.from(body, 'utf16le').toString('utf8'))),
);

/** A real message after one to three of these. */
export const brokenMessage: fc.Arbitrary<Message> = fc
  .tuple(fc.constantFrom(...recordedMessages), fc.array(breaks, { minLength: 1, maxLength: 3 }))
  .map(([message, steps]) => steps.reduce((broken, step) => step(broken), message));

/** Anything at all. */
export const nonsense: fc.Arbitrary<Message> = fc.record({
  subject: fc.constantFrom(...recordedMessages.map(({ subject }) => subject)),
  body: fc.oneof(fc.json(), fc.string({ unit: 'binary', maxLength: 200 })),
});
