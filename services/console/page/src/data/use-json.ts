/** An answer of the console, asked again when it may have changed. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Asking, createAsking } from './asking.ts';
import { useTellConnection } from './connection.ts';
import { type Failure, fetchJson, isUnanswered, outcomeOf } from './fetch-json.ts';

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

/** Keys held down choose many moments in a row; only the one that is stayed at is asked for. */
const pauseMs = 120;

const nothing = <Body>(subject: string): Kept<Body> => ({
  subject,
  body: null,
  failure: null,
  isLoading: true,
});

/**
 * Asks for `address` at once, again when `version` changes, and while it fails. Another address
 * takes the place of what is asked; another version waits for its answer. Addresses of the same
 * `subject` replace each other without the old answer being taken away meanwhile.
 */
export const useJson = <Body>(address: string, subject: string, version = 0): Loaded<Body> => {
  const [kept, keep] = useState<Kept<Body>>(nothing(subject));
  const asking = useRef<Asking | null>(null);
  const askedVersion = useRef(version);
  useEffect(() => {
    const asked = createAsking(async (signal) => {
      const answer = await fetchJson<Body>(address, signal);
      keep((before) => {
        const body = before.subject === subject ? before.body : null;
        return answer.ok
          ? { subject, body: answer.body, failure: null, isLoading: false }
          : { subject, body, failure: answer.failure, isLoading: false };
      });
      return outcomeOf(answer);
    });
    asking.current = asked;
    askedVersion.current = version;
    asked.askAfter(pauseMs);
    return asked.end;
  }, [address, subject]);
  useEffect(() => {
    if (askedVersion.current !== version) asking.current?.ask();
    askedVersion.current = version;
  }, [version]);
  return kept.subject === subject ? kept : nothing(subject);
};

/** Tells the head whether the last answer came. */
export const useToldConnection = ({ failure, isLoading }: Loaded<unknown>): void => {
  const tell = useTellConnection();
  const isGone = isUnanswered(failure);
  useEffect(() => {
    if (isLoading) tell('connecting');
    else tell(isGone ? 'gone' : 'live');
  }, [tell, isGone, isLoading]);
};
