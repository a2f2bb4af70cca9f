/** What every benchmark is given: its environment, its limits, and where it tells its progress. */

export interface BenchContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One line of progress. */
  readonly tell: (line: string) => void;
  /** Aborts at Ctrl-C, SIGTERM, or when the bench takes too long. */
  readonly signal: AbortSignal;
  /** Shorter loads. */
  readonly fast: boolean;
  /** Where the stages write their processor profiles; undefined: they write none. */
  readonly profileFolder: string | undefined;
  /** Where the services' logs are kept; undefined: they go with everything else. */
  readonly logsFolder: string | undefined;
}
