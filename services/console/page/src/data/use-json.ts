/** An answer of the console, asked again when it may have changed. */
import { useEffect, useState } from 'preact/hooks';
import { type Failure, fetchJson } from './fetch-json.ts';

export interface Loaded<Body> {
  /** The newest answer; kept while the next one is under way and when that fails. */
  readonly body: Body | null;
  readonly failure: Failure | null;
  /** The first answer is still to come. */
  readonly isLoading: boolean;
}

interface Kept<Body> extends Loaded<Body> {
  /** What it is the answer for. */
  readonly subject: string;
}

const pauseMs = 120;

const nothing = <Body>(subject: string): Kept<Body> => ({
  subject,
  body: null,
  failure: null,
  isLoading: true,
});

/**
 * Asks for `address` at once, and again when it or `version` changes. Addresses of the same
 * `subject` replace each other without the old answer being taken away meanwhile.
 */
export const useJson = <Body>(address: string, subject: string, version = 0): Loaded<Body> => {
  const [kept, keep] = useState<Kept<Body>>(nothing(subject));
  useEffect(() => {
    const asked = new AbortController();
    const ask = async () => {
      try {
        const answer = await fetchJson<Body>(address, asked.signal);
        keep((before) => {
          const body = before.subject === subject ? before.body : null;
          return answer.ok
            ? { subject, body: answer.body, failure: null, isLoading: false }
            : { subject, body, failure: answer.failure, isLoading: false };
        });
      } catch {
        // Aborted: another question has taken its place.
      }
    };
    // Keys held down choose many moments in a row; only the one that is stayed at is asked for.
    const soon = window.setTimeout(() => void ask(), pauseMs);
    return () => {
      window.clearTimeout(soon);
      asked.abort();
    };
  }, [address, subject, version]);
  return kept.subject === subject ? kept : nothing(subject);
};
