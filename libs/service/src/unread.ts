/** Which messages of the log a stage need not read: parsing costs more than most of the folding. */
import { type Pen, penOfSubject } from '@flyball/contracts';
import type { StoredMessage } from '@flyball/event-log';

/**
 * True for what this process has told itself (and folded then), and for the pens that the stage
 * passes by. Takes the id out of `told`: it is read once.
 */
export const isUnread = (
  { passesBy }: { readonly passesBy: readonly Pen[] },
  told: Set<string>,
  { id, subject }: StoredMessage,
): boolean => {
  if (told.delete(id)) return true;
  const pen = penOfSubject(subject);
  return pen !== undefined && passesBy.includes(pen);
};
