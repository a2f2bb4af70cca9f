/** What a gRPC client is told in place of an HTTP status. */

import type { Refusal } from './refusal.ts';

const invalidArgument = 3;
const deadlineExceeded = 4;
const permissionDenied = 7;
const resourceExhausted = 8;
const unimplemented = 12;
const internal = 13;
const unavailable = 14;
const unauthenticated = 16;
const unknown = 2;

const byHttpStatus: Readonly<Record<number, number>> = {
  400: invalidArgument,
  401: unauthenticated,
  403: permissionDenied,
  404: unimplemented,
  405: unimplemented,
  408: deadlineExceeded,
  413: resourceExhausted,
  417: invalidArgument,
  429: unavailable,
  431: resourceExhausted,
  500: internal,
  501: unimplemented,
  502: unavailable,
  503: unavailable,
  504: deadlineExceeded,
};

/** True of the content types of gRPC: `application/grpc`, `application/grpc+proto` and the like. */
export const isGrpcType = (contentType: string): boolean =>
  /^application\/grpc($|[+;\s])/i.test(contentType);

/** Percent-encodes all but printable ASCII, and `%` itself, as grpc-message wants it. */
const messageOf = (text: string): string =>
  encodeURIComponent(text).replace(/%[0-7][0-9A-F]/g, (code) => {
    const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return character === '%' || character < ' ' || character > '~' ? code : character;
  });

const milliseconds = 1_000;

/** The trailers that tell a gRPC client of the refusal, flat. */
export const grpcTrailers = ({ status, message, retryAfterSeconds }: Refusal): string[] => {
  const trailers = ['grpc-status', String(byHttpStatus[status] ?? unknown)];
  trailers.push('grpc-message', messageOf(message));
  // A client that has a policy of retrying waits so long; others pass it by.
  if (retryAfterSeconds !== undefined) {
    trailers.push('grpc-retry-pushback-ms', String(retryAfterSeconds * milliseconds));
  }
  return trailers;
};
