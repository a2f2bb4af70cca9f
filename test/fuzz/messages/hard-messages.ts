/** The corpus of named hard messages: `<name>.json`, each with its subject, body and reason. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Message } from './recorded-messages.ts';

const folder = join(import.meta.dirname, '../corpus/messages');

const hardSchema = z.strictObject({
  subject: z.string(),
  /** The document, or the text where it is none. */
  body: z.union([z.string(), z.record(z.string(), z.unknown())]),
  /** The body's text this often, for what is too long to be kept here. */
  times: z.int().min(1).default(1),
  /** What the reason must say. */
  reason: z.string(),
});

export interface HardMessage {
  readonly name: string;
  readonly message: Message;
  readonly reason: RegExp;
}

export const hardMessages: readonly HardMessage[] = globSync('*.json', { cwd: folder })
  .sort()
  .map((file) => {
    const { subject, body, times, reason } = hardSchema.parse(
      JSON.parse(readFileSync(join(folder, file), 'utf8')),
    );
    const text = typeof body === 'string' ? body.repeat(times) : JSON.stringify(body);
    return {
      name: basename(file, '.json').replaceAll('-', ' '),
      message: { subject, body: text },
      reason: new RegExp(reason),
    };
  });
