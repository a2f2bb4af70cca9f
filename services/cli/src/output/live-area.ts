/** The part of the screen that is drawn again and again while a person looks. */
import { createLogUpdate } from 'log-update';

export interface LiveArea {
  /** Lines that the screen has. */
  readonly rows: number;
  draw(lines: readonly string[]): void;
  /** Leaves what was drawn last where it is. */
  done(): void;
}

/** On stdout, which must be a terminal. */
export const openLiveArea = (): LiveArea => {
  const update = createLogUpdate(process.stdout);
  return {
    get rows() {
      return process.stdout.rows;
    },
    draw: (lines) => update(lines.join('\n')),
    done: () => update.done(),
  };
};
