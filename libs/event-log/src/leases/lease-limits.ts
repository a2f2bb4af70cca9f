/** The times by which partitions are owned, handed over and taken over. */

/** A member renews its announcement this often. */
export const renewMs = 1_000;
/** An owner stops by itself this long after the start of its last acknowledged renewal. */
export const ownedForMs = 2_000;
/** A member whose announcement has not changed for this long is gone. Above `ownedForMs`. */
export const abandonedAfterMs = 2_500;
/** The announcement of a member that has not renewed it for this long since it left is removed. */
export const forgottenAfterMs = 60_000;
/** A lease that was given back is taken after a random part of this: not all try at once. */
export const givenBackJitterMs = 50;
/** A free partition that nobody takes within its fair share is taken beyond it after this long. */
export const unclaimedMs = 1_000;
/** What was taken beyond the fair share is offered to the others again after this long. */
export const offerAgainMs = 4_000;
/** How long the work on a partition may take to stop before its lease is given back anyway. */
export const stopWorkMs = 1_000;
/** How long an end may take in all: without an answer the leases run out, as those of the dead. */
export const endMs = stopWorkMs + 1_000;
/** Whatever the watch has told, all partitions are looked up this often. */
export const lookAgainMs = 30_000;
/** Pause after a call that failed. */
export const retryMs = 200;
