/** The settings of the actuator. */
import {
  activatorService,
  commonSettings,
  defineConfig,
  integer,
  platformSettings,
  telemetrySettings,
} from '@flyball/service';

export const actuatorConfig = defineConfig({
  ...commonSettings,
  ...telemetrySettings,
  ...platformSettings,
  activatorService,
  patchesMax: integer({
    about: 'Writes to the platform under way at once; further ones wait.',
    fallback: 64,
    min: 1,
    max: 1_000,
  }),
});
