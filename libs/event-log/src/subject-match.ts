/** NATS subject filters: `*` is one token, a last `>` is one or more. */

const matchesTokens = (filter: readonly string[], subject: readonly string[]): boolean => {
  for (const [index, token] of filter.entries()) {
    if (token === '>') return subject.length > index;
    const other = subject[index];
    if (other === undefined || (token !== '*' && token !== other)) return false;
  }
  return filter.length === subject.length;
};

/** True for a subject that only stands for itself. */
export const isExactSubject = (subject: string): boolean =>
  !subject.split('.').some((token) => token === '*' || token === '>');

/** A predicate for one filter, split once so that it can run over many subjects. */
export const subjectMatcher = (filter: string): ((subject: string) => boolean) => {
  if (filter === '>') return () => true;
  if (isExactSubject(filter)) return (subject) => subject === filter;
  const tokens = filter.split('.');
  return (subject) => matchesTokens(tokens, subject.split('.'));
};
