/** An answer of the console, asked again when it may have changed. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Asking, createAsking } from './asking.ts';
import { useTellConnection } from './connection.ts';
import { fetchJson, isUnanswered, outcomeOf } from './fetch-json.ts';
import { type Kept, type Loaded, loadedOf, withAnswer } from './kept.ts';

/** Keys held down choose many moments in a row; only the one that is stayed at is asked for. */
const pauseMs = 120;

export interface Asked {
  /** Another one asks again. */
  readonly version?: number;
  /** What is asked of the subject; the address, unless several addresses ask the same. */
  readonly of?: string;
}

/**
 * Asks for `address` at once, again when the version changes, and while it fails. Another address
 * takes the place of what is asked; another version waits for its answer. Addresses of the same
 * `subject` replace each other without the old answer being taken away meanwhile.
 */
export const useJson = <Body>(
  address: string,
  subject: string,
  { version = 0, of = address }: Asked = {},
): Loaded<Body> => {
  const [kept, keep] = useState<Kept<Body> | null>(null);
  const asking = useRef<Asking | null>(null);
  const askedVersion = useRef(version);
  useEffect(() => {
    const asked = createAsking(async (signal) => {
      const answer = await fetchJson<Body>(address, signal);
      keep((before) => withAnswer(before, { subject, of }, answer));
      return outcomeOf(answer);
    });
    asking.current = asked;
    askedVersion.current = version;
    asked.askAfter(pauseMs);
    return asked.end;
  }, [address, subject, of]);
  useEffect(() => {
    if (askedVersion.current !== version) asking.current?.ask();
    askedVersion.current = version;
  }, [version]);
  return loadedOf(kept, { subject, of });
};

/** Tells the head whether the last answer came. */
export const useToldConnection = ({ body, failure, isLoading }: Loaded<unknown>): void => {
  const tell = useTellConnection();
  const isGone = isUnanswered(failure);
  const isFirst = isLoading && body === null;
  useEffect(() => {
    if (isFirst) tell('connecting');
    else tell(isGone ? 'gone' : 'live');
  }, [tell, isGone, isFirst]);
};
