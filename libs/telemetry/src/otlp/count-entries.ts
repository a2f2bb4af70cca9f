/** How many entries an OTLP request has: counted before anything is made of each of them. */
import protobuf from 'protobufjs';

/** Resources, scopes, spans, links and attributes of one request, together. */
export const requestEntriesMax = 100_000;

interface Tally {
  /** Below zero: there are more than may be. */
  left: number;
}

const innerTypeOf = (field: protobuf.Field | undefined): protobuf.Type | undefined => {
  const type = field?.resolve().resolvedType;
  return type instanceof protobuf.Type ? type : undefined;
};

const countData = (type: protobuf.Type, value: unknown, tally: Tally): void => {
  if (typeof value !== 'object' || value === null) return;
  for (const field of type.fieldsArray) {
    const inner = innerTypeOf(field);
    const given = (value as Readonly<Record<string, unknown>>)[field.name];
    if (inner === undefined) continue;
    if (!field.repeated) countData(inner, given, tally);
    if (!field.repeated || !Array.isArray(given)) continue;
    tally.left -= given.length;
    for (const one of given) {
      if (tally.left < 0) return;
      countData(inner, one, tally);
    }
  }
};

const wireTypeOfMessages = 2;

const wireTypeOf = ({ type }: protobuf.Field): number =>
  (protobuf.types.basic as Readonly<Record<string, number>>)[type] ?? wireTypeOfMessages;

/**
 * Throws where a field has another wire type than its own: the decoder reads it as its own all the
 * same, and would find other entries behind it than are counted here.
 */
const countWire = (type: protobuf.Type, reader: protobuf.Reader, end: number, tally: Tally) => {
  while (reader.pos < end && tally.left >= 0) {
    const tag = reader.uint32();
    const field = type.fieldsById[tag >>> 3];
    if (field !== undefined && (tag & 7) !== wireTypeOf(field)) {
      throw new TypeError(`${field.fullName} has the wire type ${tag & 7}`);
    }
    const inner = innerTypeOf(field);
    if (inner === undefined) {
      reader.skipType(tag & 7);
      continue;
    }
    if (field?.repeated) tally.left -= 1;
    const bytes = reader.uint32();
    countWire(inner, reader, reader.pos + bytes, tally);
  }
};

/** Of plain data, in the words of JSON. */
export const hasTooManyEntries = (type: protobuf.Type, data: unknown): boolean => {
  const tally: Tally = { left: requestEntriesMax };
  countData(type, data, tally);
  return tally.left < 0;
};

/** Of protobuf: two bytes can be an entry, which takes a hundred when it is decoded. May throw. */
export const hasTooManyOnWire = (type: protobuf.Type, body: Uint8Array): boolean => {
  const tally: Tally = { left: requestEntriesMax };
  countWire(type, protobuf.Reader.create(body), body.byteLength, tally);
  return tally.left < 0;
};
