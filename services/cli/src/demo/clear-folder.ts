/** Empties the folder of an earlier demo, so that each begins with an empty log. */
import { rm } from 'node:fs/promises';
import { OutsideError } from '@flyball/contracts';
import { type DataFolder, openDataFolder } from '../up/data-folder.ts';
import { endLeftovers } from '../up/leftovers.ts';

/** A record that cannot be read tells of nobody; kept, it would be in the way of every demo. */
const endKnown = async (data: DataFolder): Promise<readonly string[]> => {
  try {
    return await endLeftovers(data);
  } catch (error) {
    if (error instanceof OutsideError && error.code === 'FILE_UNREADABLE') return [];
    throw error;
  }
};

/**
 * Ends what a killed demo left, then empties its folder; resolves with the names of what was ended.
 * Rejects with DATA_IN_USE while another demo runs there, and with DATA_FOREIGN.
 */
export const clearFolder = async (path: string): Promise<readonly string[]> => {
  // Before it is emptied: the only record of who still runs is in there.
  const ended = await endKnown(await openDataFolder(path));
  await rm(path, { recursive: true, force: true });
  return ended;
};
