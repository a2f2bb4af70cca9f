/** Knative YAML, annotations and config-autoscaler → policy, with every complaint. */
export {
  type Annotations,
  annotationKeys,
  autoscalingPrefix,
  flyballPrefix,
  hpaClass,
  isOptedIn,
  kpaClass,
} from './annotation-settings.ts';
export {
  type AutoscalerConfig,
  type AutoscalerValues,
  autoscalerKeys,
  defaultAutoscalerConfig,
  requestsPerSecondUtilization,
} from './autoscaler-config.ts';
export { type CommandTable, commandFor, type ImageCommand, readCommands } from './command-table.ts';
export {
  type Complaint,
  complaintSchema,
  formatComplaint,
  hasErrors,
  type Locate,
  type Place,
  type Severity,
} from './complaint.ts';
export { type ConfigFile, type ConfigFolder, isConfigFileName } from './config-folder.ts';
export {
  enabledAnnotation,
  enabledBy,
  limitsAnnotated,
  settingsAnnotated,
} from './deployment-annotations.ts';
export { parseGoDuration } from './go-duration.ts';
export {
  type HorizontalPodAutoscaler,
  type HpaMetric,
  type HpaSubject,
  horizontalPodAutoscalerOf,
} from './horizontal-pod-autoscaler.ts';
export {
  type ConfigManifest,
  type Manifest,
  type WorkloadManifest,
  workloadManifestSchema,
} from './manifest.ts';
export {
  type ParseConfigOptions,
  type ParsedConfig,
  parseConfigAutoscaler,
} from './parse-config-autoscaler.ts';
export { publicServiceAnnotation } from './public-service.ts';
export {
  type ManifestText,
  type ReadManifests,
  type ReadOptions,
  readAllManifests,
  readManifests,
} from './read-manifests.ts';
export { type PolicyInputs, type ResolvedPolicy, resolvePolicy } from './resolve-policy.ts';
export { type AnnotationContext, validateAnnotations } from './validate-annotations.ts';
