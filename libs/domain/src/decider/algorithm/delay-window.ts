/** The scale-down delay: the largest want of the last slots of 2 s, counted from 1970. */
import type { Memory } from '../workload-state.ts';

const slotMs = 2_000;

/** Slots that a delay spans, the current one included; 0 when there is no delay. */
export const delaySlotCount = (delayMs: number): number => Math.ceil(delayMs / slotMs);

/**
 * Records a want and drops the slots that the delay has passed. Kept as a falling staircase: a want
 * that a later, larger one has overtaken can never be the largest again.
 */
export const recordWant = (
  slots: Memory['delaySlots'],
  want: { readonly atMs: number; readonly pods: number; readonly slotCount: number },
): Memory['delaySlots'] => {
  if (want.slotCount === 0) return slots.length === 0 ? slots : [];
  const slot = Math.floor(want.atMs / slotMs);
  const larger = slots.filter(([at, pods]) => at > slot - want.slotCount && pods > want.pods);
  // Within one slot the largest counts.
  return larger.at(-1)?.[0] === slot ? larger : [...larger, [slot, want.pods]];
};

/** The largest want that the delay still remembers at `atMs`; 0 when it remembers none. */
export const largestWant = (
  slots: Memory['delaySlots'],
  atMs: number,
  slotCount: number,
): number => {
  const oldest = Math.floor(atMs / slotMs) - slotCount;
  return slots.find(([slot]) => slot > oldest)?.[1] ?? 0;
};
