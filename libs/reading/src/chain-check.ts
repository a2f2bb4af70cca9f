/** Follows the chain of each subject: nothing changed, nothing missing, nothing told twice. */
import { chainOf, chainStart, followsChain } from '@flyball/contracts';
import type { StoredMessage } from '@flyball/event-log';

export interface BrokenLink {
  readonly subject: string;
  readonly seq: number;
  readonly id: string;
}

export interface ChainVerdict {
  readonly ok: boolean;
  readonly subjects: number;
  readonly messages: number;
  /** Subjects of which the first message has aged out: the first retained anchors the rest. */
  readonly anchoredLater: number;
  /** The messages that do not follow from the one before them. */
  readonly broken: readonly BrokenLink[];
  /** Ids that are there more than once. */
  readonly doubledIds: readonly string[];
}

export class ChainCheck {
  readonly #chains = new Map<string, string>();
  readonly #ids = new Set<string>();
  readonly #broken: BrokenLink[] = [];
  readonly #doubled = new Set<string>();
  #messages = 0;
  #anchoredLater = 0;

  /**
   * Messages of a subject must come in their order. `isAging`: the stream lets go of old ones, so
   * that the first which is there need not be the first that was written.
   */
  take({ subject, seq, id, body }: StoredMessage, isAging = false): void {
    const previous = this.#chains.get(subject);
    const follows = followsChain(previous ?? chainStart, body);
    const isAnchor = isAging && previous === undefined && chainOf(body) !== undefined;
    if (isAnchor && !follows) this.#anchoredLater += 1;
    else if (!follows) this.#broken.push({ subject, seq, id });
    this.#chains.set(subject, chainOf(body) ?? '');
    if (this.#ids.has(id)) this.#doubled.add(id);
    this.#ids.add(id);
    this.#messages += 1;
  }

  verdict(): ChainVerdict {
    return {
      ok: this.#broken.length === 0 && this.#doubled.size === 0,
      subjects: this.#chains.size,
      messages: this.#messages,
      anchoredLater: this.#anchoredLater,
      broken: this.#broken,
      doubledIds: [...this.#doubled],
    };
  }
}
