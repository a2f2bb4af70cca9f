/** What processes of ours inherit of the environment: none of our own settings. */

type Env = Readonly<Record<string, string | undefined>>;

const inheritedNames = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'NODE_EXTRA_CA_CERTS'];

/** Those of the variables that are set. */
export const inheritedFrom = (env: Env): Record<string, string> => {
  const kept = inheritedNames.map((name) => [name, env[name]] as const);
  const known = kept.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
  return Object.fromEntries(known);
};

const openTelemetryName = /^OTEL_[A-Z_]+$/;

/** Where and how the user wants traces, as OpenTelemetry's own variables say it. */
export const openTelemetryOf = (env: Env): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (pair): pair is [string, string] => openTelemetryName.test(pair[0]) && pair[1] !== undefined,
    ),
  );
