/** A machine that lacks something: each start fails with a clear message and leaves nothing. */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPlace, type Place } from './harness/command.ts';
import type { Ended } from './harness/spawned.ts';

const unavailable = 69;
/** A view of the file system of its own: what is mounted in it, nobody else sees. */
const ownMounts = ['unshare', '--map-root-user', '--mount', 'sh', '-ec'];

const mountsAllowed = (): boolean => {
  try {
    const [program = '', ...args] = ownMounts;
    execFileSync(program, [...args, 'mount -t tmpfs none /mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const mustSkip = !mountsAllowed();

let place: Place;

beforeEach(async () => {
  place = await createPlace();
});

afterEach(() => place.leave());

/** Runs `flyball up` after these shell commands, in a file system that only it sees. */
const upAfter = (commands: string): Promise<Ended> => {
  const wrapper = [...ownMounts, `${commands}; exec "$@"`, 'sh'];
  return place.startAs(wrapper, ['up', '--port', '0']).ended;
};

/** Hides every redis-server there is, also the one that the set-up recorded. */
const hideRedis = `
for folder in $(echo "$PATH" | tr ':' ' ') /usr/bin /usr/sbin /usr/local/sbin; do
  if [ -e "$folder/redis-server" ]; then mount --bind /dev/null "$folder/redis-server"; fi
done`;

test.skipIf(mustSkip)('a missing redis-server is named, with the ways out', async () => {
  const { code, err } = await upAfter(hideRedis);
  expect({ code, err }).toMatchObject({ code: unavailable });
  expect(err).toMatch(/redis-server is not on PATH.*apt-get install.*FLYBALL_REDIS_URL/);
  expect(err).not.toContain('mistake in Flyball');
});

test('a data folder that cannot be made is named', async () => {
  const file = join(place.folder, 'a-file');
  await writeFile(file, '');
  const { code, err } = await place.flyball('up', '--port', '0', '--data', join(file, 'data'));
  expect({ code, err }).toMatchObject({ code: unavailable });
  expect(err).toMatch(/a-file\/data.*--data DIR/);
});

test.skipIf(mustSkip)('a data folder that cannot be written is named', async () => {
  const mount = `mkdir "${place.data}"; mount -t tmpfs -o ro none "${place.data}"`;
  const { code, err } = await upAfter(mount);
  expect({ code, err }).toMatchObject({ code: unavailable });
  expect(err).toMatch(/Cannot write .+ \(EROFS\).*--data DIR/);
});

test.skipIf(mustSkip).each([8, 4096])('a disk of %i kB is too small: said so', async (kb) => {
  const mount = `mkdir "${place.data}"; mount -t tmpfs -o size=${kb}k none "${place.data}"`;
  const { code, err } = await upAfter(mount);
  expect({ code, err }).toMatchObject({ code: unavailable });
  expect(err).toMatch(/no space left to begin in .+--data DIR.*\[DISK_FULL\]/);
  expect(err).not.toContain('mistake in Flyball');
});
