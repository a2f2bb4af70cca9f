/** What ingresses and apps export, as their own pages write it. */

/** Envoy's `/stats/prometheus`. */
export const envoyPage = (active: number): string => `# TYPE envoy_cluster_upstream_rq_total counter
envoy_cluster_upstream_rq_total{envoy_cluster_name="autoscale-go"} 12356
envoy_cluster_upstream_rq_total{envoy_cluster_name="xds_cluster"} 12
# TYPE envoy_cluster_upstream_rq_active gauge
envoy_cluster_upstream_rq_active{envoy_cluster_name="autoscale-go"} ${active}
envoy_cluster_upstream_rq_active{envoy_cluster_name="other"} 90
envoy_cluster_upstream_rq_active{envoy_cluster_name="xds_cluster"} 1
# TYPE envoy_cluster_upstream_cx_connect_ms histogram
envoy_cluster_upstream_cx_connect_ms_bucket{envoy_cluster_name="autoscale-go",le="0.5"} 41
envoy_cluster_upstream_cx_connect_ms_bucket{envoy_cluster_name="autoscale-go",le="+Inf"} 50
envoy_cluster_upstream_cx_connect_ms_sum{envoy_cluster_name="autoscale-go"} 27.3
`;

/** HAProxy's `prometheus-exporter`. */
export const haproxyPage = (
  active: number,
): string => `# HELP haproxy_backend_current_queue Number of current queued connections
# TYPE haproxy_backend_current_queue gauge
haproxy_backend_current_queue{proxy="autoscale-go"} 0
# HELP haproxy_backend_current_sessions Number of current sessions
# TYPE haproxy_backend_current_sessions gauge
haproxy_backend_current_sessions{proxy="autoscale-go"} ${active}
haproxy_backend_current_sessions{proxy="other"} 90
`;

/** nginx with its stub_status behind nginx-prometheus-exporter: of the whole server. */
export const nginxPage = (
  active: number,
): string => `# HELP nginx_connections_accepted Accepted client connections
# TYPE nginx_connections_accepted counter
nginx_connections_accepted 20031
# HELP nginx_connections_active Active client connections
# TYPE nginx_connections_active gauge
nginx_connections_active ${active}
# HELP nginx_up Status of the last metric scrape
# TYPE nginx_up gauge
nginx_up 1
`;

/** ingress-nginx: a counter for each ingress, path, method and status. */
export const ingressNginxPage = (requests: number): string => {
  const of = (ingress: string, status: number): string =>
    'nginx_ingress_controller_requests{canary="",controller_class="k8s.io/ingress-nginx",' +
    'controller_namespace="ingress-nginx",controller_pod="ingress-nginx-controller-7d4f",' +
    `host="${ingress}.example.com",ingress="${ingress}",method="GET",namespace="default",` +
    `path="/",service="${ingress}",status="${status}"}`;
  return `# HELP nginx_ingress_controller_requests The total number of client requests
# TYPE nginx_ingress_controller_requests counter
${of('autoscale-go', 200)} ${requests}
${of('autoscale-go', 503)} 7
${of('other', 200)} ${requests * 20}
`;
};

/** An Istio ingress gateway: a counter for each destination, and who says so. */
export const istioPage = (requests: number): string => {
  const of = (service: string, code: number): string =>
    'istio_requests_total{reporter="source",source_workload="istio-ingressgateway",' +
    'source_workload_namespace="istio-system",' +
    `destination_service="${service}.default.svc.cluster.local",` +
    `destination_service_name="${service}",request_protocol="http",` +
    `response_code="${code}",response_flags="-",connection_security_policy="unknown"}`;
  return `# TYPE istio_requests_total counter
${of('autoscale-go', 200)} ${requests}
${of('other', 200)} 99999
`;
};

/** An app's own gauge, by a client library. */
export const appPage = (active: number): string => `# HELP http_requests_active Requests in flight
# TYPE http_requests_active gauge
http_requests_active{route="/"} ${active}
http_requests_active{route="/healthz"} 3
process_cpu_seconds_total 12.47
`;
