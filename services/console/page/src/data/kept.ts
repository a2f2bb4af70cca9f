/** The newest answer, and what it answers: one to another question is not shown as this one's. */
import type { Answer, Failure } from './fetch-json.ts';

/** What is asked, as the reader sees it. */
export interface Question {
  /** What it is about; an answer about another subject is not shown at all. */
  readonly subject: string;
  /** What is asked of it; an answer to something else is shown until this one's is there. */
  readonly of: string;
}

export interface Loaded<Body> {
  /** The newest answer; kept while the next one is under way. */
  readonly body: Body | null;
  readonly failure: Failure | null;
  /** What is asked was never answered: there is no body, or the one to something else. */
  readonly isLoading: boolean;
}

export interface Kept<Body> {
  readonly question: Question;
  readonly body: Body | null;
  readonly failure: Failure | null;
}

const isSame = (one: Question, other: Question): boolean =>
  one.subject === other.subject && one.of === other.of;

/** After a failure only what was answered to the same question stays. */
export const withAnswer = <Body>(
  before: Kept<Body> | null,
  question: Question,
  answer: Answer<Body>,
): Kept<Body> => {
  if (answer.ok) return { question, body: answer.body, failure: null };
  const isOwn = before !== null && isSame(before.question, question);
  return { question, body: isOwn ? before.body : null, failure: answer.failure };
};

/** What is shown of the kept answer while `question` is asked. */
export const loadedOf = <Body>(kept: Kept<Body> | null, question: Question): Loaded<Body> => {
  if (kept === null || kept.question.subject !== question.subject) {
    return { body: null, failure: null, isLoading: true };
  }
  const { body, failure } = kept;
  return isSame(kept.question, question)
    ? { body, failure, isLoading: false }
    : { body, failure: null, isLoading: true };
};
