/** The settings of the watcher, and of the keeper that runs beside it. */
import { commonSettings, defineConfig, integer, platformSettings, text } from '@flyball/service';

export const watcherConfig = defineConfig({
  ...commonSettings,
  ...platformSettings,
  keeperNatsUser: text({
    about:
      'User of the keeper on NATS, the only one that may purge; empty: the watcher’s connection.',
    fallback: '',
  }),
  keeperNatsPassword: text({ about: 'Password of that user.', fallback: '', secret: true }),
  keepEveryMs: integer({
    about: 'Time between two rounds of the keeper.',
    fallback: 60_000,
    min: 1_000,
    max: 3_600_000,
  }),
});
