/** When output can be written no more: `flyball history … | head` is an end, not an error. */
import type { Writable } from 'node:stream';

export interface OutputEnd {
  /** Nobody reads the results any more. */
  unread(): void;
  /** They cannot be written, as on a full disk. */
  failed(error: Error): void;
}

/** Watches where the results go; what is said to stderr may go unheard. */
export const watchOutput = (
  { stdout, stderr }: { readonly stdout: Writable; readonly stderr: Writable },
  end: OutputEnd,
): void => {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') end.unread();
    else end.failed(error);
  });
  stderr.on('error', () => undefined);
};
