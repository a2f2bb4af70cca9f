/** A nats-server whose next start waits as long as a file is there: time to change its store. */
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface HeldStart {
  /** What comes first in PATH so that this nats-server is found. */
  readonly folder: string;
  /** From now on a start waits. */
  hold(): Promise<void>;
  letGo(): Promise<void>;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Writes a program named nats-server that becomes `program` when nothing holds it. */
export const writeHeldStart = async (folder: string, program: string): Promise<HeldStart> => {
  const bin = join(folder, 'bin');
  const path = join(bin, 'nats-server');
  const holding = join(bin, 'hold');
  await mkdir(bin, { recursive: true });
  const script = `#!/bin/sh
while [ -e ${quoted(holding)} ]; do sleep 0.02; done
exec ${quoted(program)} "$@"
`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return {
    folder: bin,
    hold: () => writeFile(holding, ''),
    letGo: async () => {
      if (existsSync(holding)) await rm(holding);
    },
  };
};
