/** A phase of the bench: measures some figures; what fails is told with its reason, not hidden. */
import type { BenchContext } from '../bench-context.ts';
import type { Figure, Measured } from '../report/figure.ts';

/** Values by figure, as they come. */
export interface Ledger {
  add(figure: Figure, ...values: number[]): void;
  note(figure: Figure, note: string): void;
  measured(): readonly Measured[];
}

/** Opens a ledger with these figures, in this order; none of them gets lost. */
export const openLedger = (figures: readonly Figure[]): Ledger => {
  const values = new Map<Figure, number[]>(figures.map((figure) => [figure, []]));
  const notes = new Map<Figure, string>();
  return {
    add: (figure, ...more) => void values.get(figure)?.push(...more),
    note: (figure, note) => void notes.set(figure, note),
    measured: () =>
      figures.map((figure) => {
        const note = notes.get(figure);
        const measured = { figure, values: values.get(figure) ?? [] };
        return note === undefined ? measured : { ...measured, note };
      }),
  };
};

export interface Phase {
  readonly title: string;
  readonly figures: readonly Figure[];
  run(ledger: Ledger): Promise<void>;
}

/** Runs one; the figures that it leaves without values get the reason as their note. */
export const runPhase = async (
  phase: Phase,
  ledger: Ledger,
  { tell, signal }: BenchContext,
): Promise<void> => {
  const begunMs = performance.now();
  tell(`${phase.title} …`);
  let why = 'nothing came of it';
  try {
    signal.throwIfAborted();
    await phase.run(ledger);
  } catch (error) {
    why = error instanceof Error ? error.message : String(error);
    tell(`  did not work: ${why}`);
  }
  const empty = new Set(
    ledger.measured().flatMap((one) => (one.values.length === 0 ? [one.figure] : [])),
  );
  for (const figure of phase.figures) if (empty.has(figure)) ledger.note(figure, why);
  tell(`  ${((performance.now() - begunMs) / 1_000).toFixed(1)} s`);
};
