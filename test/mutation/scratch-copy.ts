/** Copies of the repository in a folder of their own, where breaking something does no harm. */
import { cp, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';

/** Folders of the root that a test of the code does not read. */
const leftOut = new Set(['node_modules', '.git', '.tools', '.ci']);

export interface ScratchCopies extends AsyncDisposable {
  /** Root folders of copies, all alike. */
  readonly roots: readonly string[];
}

/**
 * Makes copies of the working tree as it is now. A package's own links to its neighbours lead
 * within its copy; everything from outside is shared with the original.
 */
export const makeScratchCopies = async (root: string, count: number): Promise<ScratchCopies> => {
  // As vitest names its files: without the links that a temporary folder often lies behind.
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'flyball-mutations-')));
  const dispose = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  const copy = async (index: number): Promise<string> => {
    const target = join(folder, `copy-${index + 1}`);
    await cp(root, target, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => {
        const [first = '', ...rest] = relative(root, source).split(sep);
        return !(leftOut.has(first) && rest.length === 0);
      },
    });
    await symlink(join(root, 'node_modules'), join(target, 'node_modules'), 'dir');
    return target;
  };
  try {
    const roots = await Promise.all(Array.from({ length: count }, (_, index) => copy(index)));
    return { roots, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
};
