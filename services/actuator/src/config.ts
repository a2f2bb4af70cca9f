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
    about: 'Concurrent writes to the platform; more wait.',
    fallback: 64,
    min: 1,
    max: 1_000,
  }),
});
