{{/* The environment of each service. */}}

{{- define "flyball.natsLogin" -}}
- name: {{ .prefix }}_NATS_USER
  value: {{ .user }}
- name: {{ .prefix }}_NATS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: nats-users
      key: {{ .user }}
{{- end }}

{{/* Of those on the bus: everyone but the webhook. */}}
{{- define "flyball.env.bus" -}}
- name: FLYBALL_NATS_URL
  value: nats://nats:4222
{{ include "flyball.natsLogin" (dict "prefix" "FLYBALL" "user" .) }}
{{- end }}

{{- define "flyball.env.common" -}}
- name: FLYBALL_INSTANCE
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: FLYBALL_HEALTH_HOST
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: FLYBALL_HEALTH_PORT
  value: "8090"
- name: FLYBALL_LOG_LEVEL
  value: {{ .Values.logLevel }}
{{- end }}

{{/* Of those that look at workloads. */}}
{{- define "flyball.env.cluster" -}}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: FLYBALL_CONFIG_NAMESPACES
  value: $(POD_NAMESPACE),knative-serving
- name: FLYBALL_NAMESPACES
  value: {{ join "," .Values.namespaces | quote }}
- name: FLYBALL_OPT_IN
  value: {{ .Values.optIn }}
- name: FLYBALL_DOMAIN
  value: {{ .Values.domain }}
{{- end }}

{{/* Of those that lead public Services to activators or to pods. */}}
{{- define "flyball.env.routing" -}}
- name: FLYBALL_ACTIVATOR_SERVICE
  value: $(POD_NAMESPACE)/activator
{{- end }}

{{- define "flyball.env.watcher" -}}
{{ include "flyball.natsLogin" (dict "prefix" "FLYBALL_KEEPER" "user" "keeper") }}
- name: FLYBALL_PLATFORM
  value: kubernetes
{{ include "flyball.env.cluster" . }}
{{- end }}

{{- define "flyball.env.windower" -}}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: redis-password
      key: password
- name: FLYBALL_REDIS_URL
  value: redis://:$(REDIS_PASSWORD)@redis:6379
{{- end }}

{{- define "flyball.env.decider" -}}
{{- end }}

{{- define "flyball.env.actuator" -}}
- name: FLYBALL_PLATFORM
  value: kubernetes
{{ include "flyball.env.cluster" . }}
{{ include "flyball.env.routing" . }}
{{- end }}

{{- define "flyball.env.collector" -}}
{{- end }}

{{- define "flyball.env.activator" -}}
- name: FLYBALL_GATEWAY_HOST
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: FLYBALL_GATEWAY_PORT
  value: "8080"
- name: FLYBALL_DOMAIN
  value: {{ .Values.domain }}
- name: FLYBALL_TRUST_FORWARDED
  value: "true"
- name: FLYBALL_DRAIN_DELAY_MS
  value: "5000"
- name: FLYBALL_DRAIN_MS
  value: "30000"
- name: FLYBALL_DRAIN_LIMIT_MS
  value: "45000"
{{- end }}

{{- define "flyball.env.controller" -}}
{{ include "flyball.env.cluster" . }}
{{ include "flyball.env.routing" . }}
- name: FLYBALL_KNATIVE_SERVICES
  value: {{ .Values.knativeServices | quote }}
- name: FLYBALL_QUEUE_PROXY_IMAGE
  value: {{ include "flyball.image" (dict "root" . "name" "queue-proxy") }}
{{- end }}

{{- define "flyball.env.console" -}}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: FLYBALL_CONSOLE_HOST
  value: "::"
- name: FLYBALL_CONSOLE_PORT
  value: "8080"
- name: FLYBALL_CONSOLE_HOSTS
  value: {{ join "," (concat (list "console" "console.$(POD_NAMESPACE)" "console.$(POD_NAMESPACE).svc" "console.$(POD_NAMESPACE).svc.cluster.local") .Values.consoleHosts) }}
{{- end }}

{{/* Of those that tell spans; nothing where nobody takes them. */}}
{{- define "flyball.env.traces" -}}
{{- if .Values.traces }}
- name: FLYBALL_TRACES_URL
  value: http://console:8080
{{- end }}
{{- with .Values.otlpEndpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . }}
{{- end }}
{{- end }}

{{- define "flyball.env.webhook" -}}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: FLYBALL_LISTEN
  value: $(POD_IP):8443
- name: FLYBALL_WEBHOOK_SERVICE
  value: $(POD_NAMESPACE)/webhook
- name: FLYBALL_CERTIFICATE_SECRET
  value: $(POD_NAMESPACE)/webhook-certificate
- name: FLYBALL_CONFIG_NAMESPACES
  value: $(POD_NAMESPACE),knative-serving
- name: FLYBALL_QUEUE_PROXY_IMAGE
  value: {{ include "flyball.image" (dict "root" . "name" "queue-proxy") }}
{{- end }}
