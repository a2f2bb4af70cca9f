/** A second opinion on what bytes mean as HTTP/1.1 requests: RFC 9112 to the letter. */

export interface StrictRequest {
  readonly method: string;
  /** As it was sent: origin form, absolute form, or anything else without a space. */
  readonly target: string;
  /** Flat pairs, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Decoded, latin1. */
  readonly body: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
}

export interface StrictReading {
  readonly requests: readonly StrictRequest[];
  /** Behind the last whole request: nothing, half of one, no HTTP, or another protocol. */
  readonly rest: 'nothing' | 'incomplete' | 'invalid' | 'tunnel';
  /** Bytes that the whole requests took. */
  readonly length: number;
}

const requestLine = /^([!#$%&'*+.^_`|~\w-]+) ([\x21-\x7e\x80-\xff]+) HTTP\/1\.[01]$/;
const fieldLine = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\x21-\x7e\x80-\xff](?:.*\S)?|)[ \t]*$/;
const notInField = /[^\t\x20-\x7e\x80-\xff]/;
const chunkLine = /^([0-9a-fA-F]{1,8})(?:;[\t\x20-\x7e\x80-\xff]*)?$/;

type Fields = (readonly [string, string])[];
type Step<Value> = { readonly value: Value; readonly next: number } | 'incomplete' | 'invalid';

const readLine = (text: string, from: number): Step<string> => {
  const end = text.indexOf('\n', from);
  if (end < 0) return 'incomplete';
  if (end === from || text[end - 1] !== '\r') return 'invalid';
  return { value: text.slice(from, end - 1), next: end + 1 };
};

const readFields = (text: string, from: number): Step<Fields> => {
  const fields: Fields = [];
  for (let at = from; ; ) {
    const line = readLine(text, at);
    if (typeof line === 'string') return line;
    if (line.value === '') return { value: fields, next: line.next };
    const field = fieldLine.exec(line.value);
    if (field === null || notInField.test(line.value)) return 'invalid';
    fields.push([(field[1] ?? '').toLowerCase(), field[2] ?? '']);
    at = line.next;
  }
};

const readChunks = (text: string, from: number): Step<{ body: string; trailers: Fields }> => {
  let body = '';
  for (let at = from; ; ) {
    const line = readLine(text, at);
    if (typeof line === 'string') return line;
    const size = chunkLine.exec(line.value)?.[1];
    if (size === undefined) return 'invalid';
    const length = Number.parseInt(size, 16);
    if (length === 0) {
      const trailers = readFields(text, line.next);
      if (typeof trailers === 'string') return trailers;
      return { value: { body, trailers: trailers.value }, next: trailers.next };
    }
    const end = line.next + length;
    if (text.length < end + 2) {
      const tail = text.slice(end, end + 2);
      return '\r\n'.startsWith(tail) ? 'incomplete' : 'invalid';
    }
    if (text.slice(end, end + 2) !== '\r\n') return 'invalid';
    body += text.slice(line.next, end);
    at = end + 2;
  }
};

const readBody = (
  text: string,
  from: number,
  fields: Fields,
): Step<{ body: string; trailers: Fields }> => {
  const values = (name: string) => fields.filter(([one]) => one === name).map(([, value]) => value);
  const [lengths, codings] = [values('content-length'), values('transfer-encoding')];
  if (lengths.length + codings.length > 1) return 'invalid';
  if (codings.length === 1) {
    return codings[0]?.toLowerCase() === 'chunked' ? readChunks(text, from) : 'invalid';
  }
  const [length = '0'] = lengths;
  if (!/^\d{1,12}$/.test(length)) return 'invalid';
  const end = from + Number(length);
  if (text.length < end) return 'incomplete';
  return { value: { body: text.slice(from, end), trailers: [] }, next: end };
};

const readRequest = (text: string, from: number): Step<StrictRequest> => {
  const line = readLine(text, from);
  if (typeof line === 'string') return line;
  const found = requestLine.exec(line.value);
  if (found === null) return 'invalid';
  const fields = readFields(text, line.next);
  if (typeof fields === 'string') return fields;
  const read = readBody(text, fields.next, fields.value);
  if (typeof read === 'string') return read;
  const [, method = '', target = ''] = found;
  const { body, trailers } = read.value;
  return { value: { method, target, headers: fields.value, body, trailers }, next: read.next };
};

/** An upgrade is only asked for: a server may go on as if it were not. */
const leavesHttp = ({ method }: StrictRequest): boolean => method === 'CONNECT';

/** Reads latin1 text as a client's side of a connection. */
export const readStrictly = (text: string): StrictReading => {
  const requests: StrictRequest[] = [];
  let length = 0;
  for (;;) {
    // Empty lines before a request are allowed to be there, and to end in a line feed alone.
    while (text[length] === '\r' || text[length] === '\n') length += 1;
    if (length === text.length) return { requests, rest: 'nothing', length };
    const request = readRequest(text, length);
    if (typeof request === 'string') return { requests, rest: request, length };
    requests.push(request.value);
    length = request.next;
    if (leavesHttp(request.value)) return { requests, rest: 'tunnel', length };
  }
};
