/** What a connection knows of a partition in Redis: names by index, and which seconds are there. */
import type { WorkloadKey } from '@flyball/contracts';
import { fieldOf, type SecondPlace } from './packing.ts';

/** Valid as long as the stored cursor is `cursorSeq`: only one owner at a time moves it. */
export interface Ledger {
  cursorSeq: number;
  readonly nameByIndex: Map<number, WorkloadKey>;
  readonly indexByName: Map<WorkloadKey, number>;
  /** The newest second in which an index was used: one older than what is kept is free again. */
  readonly usedAtMs: Map<number, number>;
  /** By hash field, when its second began. */
  readonly fields: Map<string, number>;
}

export const createLedger = (
  cursorSeq: number,
  names: readonly (readonly [index: number, name: WorkloadKey])[],
  places: readonly SecondPlace[],
): Ledger => {
  const newestMs = places.reduce((newest, { secondAtMs }) => Math.max(newest, secondAtMs), 0);
  return {
    cursorSeq,
    nameByIndex: new Map(names),
    indexByName: new Map(names.map(([index, name]) => [name, index])),
    usedAtMs: new Map(names.map(([index]) => [index, newestMs])),
    fields: new Map(places.map((place) => [fieldOf(place), place.secondAtMs])),
  };
};

const freeIndex = (ledger: Ledger, keepFromMs: number): number => {
  for (const [index, usedAtMs] of ledger.usedAtMs) if (usedAtMs < keepFromMs) return index;
  return ledger.nameByIndex.size;
};

/** The index of a name; `added` takes the ones that have to be written down first. */
export const indexOfName = (
  ledger: Ledger,
  name: WorkloadKey,
  at: { readonly secondAtMs: number; readonly keepFromMs: number },
  added: Map<number, WorkloadKey>,
): number => {
  let index = ledger.indexByName.get(name);
  if (index === undefined) {
    index = freeIndex(ledger, at.keepFromMs);
    const former = ledger.nameByIndex.get(index);
    if (former !== undefined) ledger.indexByName.delete(former);
    ledger.nameByIndex.set(index, name);
    ledger.indexByName.set(name, index);
    added.set(index, name);
  }
  ledger.usedAtMs.set(index, Math.max(ledger.usedAtMs.get(index) ?? 0, at.secondAtMs));
  return index;
};

/** Fields whose second is no longer kept; they are gone from the ledger too. */
export const takeExpired = (ledger: Ledger, keepFromMs: number): readonly string[] => {
  const expired: string[] = [];
  for (const [field, secondAtMs] of ledger.fields) {
    if (secondAtMs >= keepFromMs) continue;
    expired.push(field);
    ledger.fields.delete(field);
  }
  return expired;
};
