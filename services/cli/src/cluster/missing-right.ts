/** What the cluster refuses, with the right that is missing. */
import { OutsideError } from '@flyball/contracts';

/** The same error, and which right is missing; any other as it is. */
export const withRight = (error: unknown, right: string): unknown => {
  if (!(error instanceof OutsideError) || error.code !== 'PLATFORM_REFUSED') return error;
  const said = error.message.replace(/ \[\w+\]$/, '');
  const message = `${said}. You need the right to ${right}.`;
  return new OutsideError(error.code, message, { retriable: false, cause: error });
};
