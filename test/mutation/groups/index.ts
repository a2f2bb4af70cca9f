/** Everything that is broken once, in groups that the same tests should notice. */
import type { MutationGroup } from '../mutation.ts';
import { windows } from './windows.ts';

export const mutationGroups: readonly MutationGroup[] = [windows];
