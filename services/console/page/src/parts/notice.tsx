/** What is said where there is nothing to show: why, and what to do about it. */
import { type ComponentChildren, Fragment } from 'preact';
import type { Series } from '../../../src/wire.ts';
import { type Failure, withoutNearest } from '../data/fetch-json.ts';
import { datedClockTime } from '../format/time.ts';
import { workloadLink } from '../routing/route.ts';

export interface NoticeProps {
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly kind?: 'empty' | 'failure';
}

export const Notice = ({ title, children, kind = 'empty' }: NoticeProps) => (
  <section class={`notice is-${kind}`} role={kind === 'failure' ? 'alert' : undefined}>
    <h2>{title}</h2>
    {children}
  </section>
);

/** A command to be copied. */
export const Command = ({ text }: { readonly text: string }) => (
  <pre class="command">
    <code>{text}</code>
  </pre>
);

/** `sinceMs`: UTC ms, by the reader's clock. */
export const SilenceBanner = ({ sinceMs }: { readonly sinceMs: number }) => (
  <p class="banner" role="alert">
    Nothing was heard since {datedClockTime(sinceMs, Date.now())}: what is shown is as of then. NATS
    or Flyball may have stopped; <code>flyball doctor</code> looks.
  </p>
);

/** What is wrong with a workload, as its row of the fleet says it. */
export const ProblemBanner = ({ problem }: Pick<Series, 'problem'>) =>
  problem === null ? null : (
    <p class="banner" role="alert">
      Problem: {problem}
    </p>
  );

export interface FailureNoticeProps {
  readonly title: string;
  readonly failure: Failure;
  /** What else can be done. */
  readonly children?: ComponentChildren;
}

export const FailureNotice = ({ title, failure, children }: FailureNoticeProps) => (
  <Notice title={title} kind="failure">
    <p>{withoutNearest(failure)}</p>
    {failure.nearest.length > 0 && (
      <p>
        Did you mean{' '}
        {failure.nearest.map((name, index) => (
          <Fragment key={name}>
            {index > 0 && ', '}
            <a href={workloadLink(name)}>{name}</a>
          </Fragment>
        ))}
        ?
      </p>
    )}
    {children}
  </Notice>
);

/** Keeps the place of what is being loaded. */
export const Loading = ({ what }: { readonly what: string }) => (
  <p class="loading" role="status">
    Loading {what} …
  </p>
);
