/** The controller's settings. */
import {
  activatorService,
  assertQueueProxyLimits,
  choice,
  clusterSettings,
  commonSettings,
  defineConfig,
  integer,
  platformSettings,
  queueProxySettings,
  text,
} from '@flyball/service';
import type { z } from 'zod';

const { optIn, configNamespaces, domain } = platformSettings;

export const controllerConfig = defineConfig({
  ...commonSettings,
  ...clusterSettings,
  optIn,
  configNamespaces,
  domain,
  activatorService,
  statusIntervalMs: integer({
    about: 'Least time between two writes of a Deployment’s status annotations; 0 writes none.',
    fallback: 10_000,
    min: 0,
    max: 3_600_000,
  }),
  knativeServices: choice({
    about:
      'Knative Services: install their kinds where there are none and serve them, serve them ' +
      'where our kinds are, or off. Knative’s own kinds are left alone.',
    fallback: 'install',
    values: ['install', 'serve', 'off'],
  }),
  queueProxyImage: text({
    about: 'Image of the queue-proxy beside the pods of Knative Services; empty: there is none.',
    fallback: '',
    pattern: /^\S*$/,
    allowed: 'the name of an image, or nothing',
  }),
  ...queueProxySettings,
  revisionsKept: integer({
    about: 'Older revisions of a Knative Service, without traffic, that are kept.',
    fallback: 2,
    min: 0,
    max: 100,
  }),
}).superRefine(assertQueueProxyLimits);

export type ControllerConfig = Readonly<z.infer<typeof controllerConfig>>;
