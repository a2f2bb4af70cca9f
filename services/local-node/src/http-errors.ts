/** Errors as the API tells them: a code, what was wrong, what is allowed. */
import { OutsideError, type OutsideErrorCode, outsideErrors } from '@flyball/contracts';
import type { Refusal, WireError } from '@flyball/platform';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';

const statusByCode: Partial<Record<OutsideErrorCode, number>> = {
  PLATFORM_CONFLICT: 409,
  PLATFORM_GONE: 404,
  PLATFORM_REFUSED: 400,
  DISK_FULL: 507,
};

/** A request that is refused before it comes to an object. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
  readonly status: number;
  readonly allowed: string;

  constructor(message: string, allowed: string, status = 400) {
    super(message);
    this.allowed = allowed;
    this.status = status;
  }
}

/** The body or query as its schema has it; throws BadRequest with every problem at once. */
export const parseInput = <Value>(
  schema: z.ZodType<Value>,
  value: unknown,
  allowed: string,
): Value => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message, code, input }) => {
    const given =
      input === undefined || code === 'unrecognized_keys' ? '' : `, given ${String(input)}`;
    return `${path.join('.') || 'the body'}: ${message}${given}`;
  });
  throw new BadRequest(problems.join('; '), allowed);
};

const send = (reply: FastifyReply, status: number, error: WireError): FastifyReply =>
  reply.code(status).send(error);

export const sendRefusal = (reply: FastifyReply, refusal: Refusal): FastifyReply => {
  const { code, message, allowed } = refusal;
  return send(reply, statusByCode[code] ?? 400, { code, message, allowed, retriable: false });
};

const wireErrorOf = (
  error: unknown,
  bodyBytesMax: number,
): { readonly status: number; readonly body: WireError } | undefined => {
  const refused = (status: number, message: string, allowed: string) => ({
    status,
    body: { code: 'PLATFORM_REFUSED' as const, message, allowed, retriable: status === 429 },
  });
  if (error instanceof BadRequest) return refused(error.status, error.message, error.allowed);
  if (error instanceof OutsideError) {
    const { code, retriable } = error;
    // The code has a field of its own here.
    const message = error.message.replace(` [${code}]`, '');
    const body = { code, message, allowed: outsideErrors[code], retriable };
    return { status: statusByCode[code] ?? 500, body };
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status === 413) return refused(413, 'the body is too large', `at most ${bodyBytesMax} bytes`);
  if (status >= 500 || !(error instanceof Error)) return undefined;
  return refused(status, error.message, 'a JSON body with content-type application/json');
};

/** Answers an error; what is not foreseen is a bug, told as 500 and handed to `onBug`. */
export const sendError = (
  reply: FastifyReply,
  error: unknown,
  options: { readonly bodyBytesMax: number; readonly onBug: (error: unknown) => void },
): FastifyReply => {
  const known = wireErrorOf(error, options.bodyBytesMax);
  if (known !== undefined) return send(reply, known.status, known.body);
  options.onBug(error);
  return send(reply, 500, {
    code: 'PLATFORM_REFUSED',
    message: 'a bug in the local-node; its log says more',
    allowed: 'nothing that a caller could do',
    retriable: true,
  });
};
