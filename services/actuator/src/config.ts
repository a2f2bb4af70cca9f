/** The settings of the actuator. */
import {
  commonSettings,
  defineConfig,
  integer,
  platformToken,
  platformUrl,
} from '@flyball/service';

export const actuatorConfig = defineConfig({
  ...commonSettings,
  platformUrl,
  platformToken,
  patchesMax: integer({
    about: 'Writes to the platform under way at once; further ones wait.',
    fallback: 64,
    min: 1,
    max: 1_000,
  }),
});
