// Command knative-chain is the request path of Knative's activator (the handler chain of
// cmd/activator/main.go in knative.dev/serving v0.50.0) without Kubernetes: its revision comes from
// a fake informer, its statistics are read and dropped, and pods are picked by a least-loaded
// throttler of ours in place of the informer-fed one.
//
//	knative-chain 127.0.0.1:8000 127.0.0.1:9001 127.0.0.1:9002
package main

import (
	"context"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	netprobe "knative.dev/networking/pkg/http/probe"
	"knative.dev/pkg/injection"
	"knative.dev/pkg/logging"
	pkgnet "knative.dev/pkg/network"
	"knative.dev/serving/pkg/activator"
	activatorconfig "knative.dev/serving/pkg/activator/config"
	ah "knative.dev/serving/pkg/activator/handler"
	"knative.dev/serving/pkg/apis/serving"
	v1 "knative.dev/serving/pkg/apis/serving/v1"
	asmetrics "knative.dev/serving/pkg/autoscaler/metrics"
	revinf "knative.dev/serving/pkg/client/injection/informers/serving/v1/revision/fake"
	pkghttp "knative.dev/serving/pkg/http"
	"knative.dev/serving/pkg/http/handler"
)

// throttler gives each request the pod with the fewest in flight.
type throttler struct {
	mu   sync.Mutex
	pods []string
	n    []int
	rr   int
}

func (t *throttler) Try(ctx context.Context, _ types.NamespacedName, fn func(string, bool) error) error {
	t.mu.Lock()
	best := -1
	for i := range t.pods {
		j := (t.rr + i) % len(t.pods)
		if best < 0 || t.n[j] < t.n[best] {
			best = j
		}
	}
	t.rr++
	t.n[best]++
	t.mu.Unlock()
	defer func() { t.mu.Lock(); t.n[best]--; t.mu.Unlock() }()
	return fn(t.pods[best], false)
}

func main() {
	logger := zap.NewNop().Sugar()
	ctx := logging.WithLogger(context.Background(), logger)
	ctx, _ = injection.Fake.SetupInformers(ctx, &rest.Config{})
	rev := &v1.Revision{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: "r", Labels: map[string]string{
		serving.ConfigurationLabelKey: "c", serving.ServiceLabelKey: "s"}}}
	cc, to := int64(100), int64(300)
	rev.Spec.ContainerConcurrency, rev.Spec.TimeoutSeconds = &cc, &to
	revinf.Get(ctx).Informer().GetIndexer().Add(rev)
	tp, mp := trace.NewTracerProvider(trace.WithSampler(trace.NeverSample())), metric.NewMeterProvider()
	statCh := make(chan []asmetrics.StatMessage)
	go func() {
		for range statCh {
		}
	}()
	cr := ah.NewConcurrencyReporter(ctx, "activator", statCh, mp)
	go cr.Run(ctx.Done())
	store := activatorconfig.NewStore(logger)
	transport := pkgnet.NewProxyAutoTransport(1000, 100) // the activator's own defaults
	h := ah.New(ctx, &throttler{pods: os.Args[2:], n: make([]int, len(os.Args)-2)}, transport, false, logger, false, tp, mp)
	h = handler.NewTimeoutHandler(h, "activator request timeout", func(*http.Request) (time.Duration, time.Duration, time.Duration) {
		return 300 * time.Second, 0, 0
	}, logger)
	h = cr.Handler(h)
	h = ah.NewTracingAttributeHandler(tp, h)
	h, err := pkghttp.NewRequestLogHandler(h, io.Discard, "", nil, false)
	if err != nil {
		log.Fatal(err)
	}
	h = ah.NewMetricAttributeHandler("activator", h)
	h = ah.WrapActivatorHandlerWithFullDuplex(h, logger)
	h = ah.NewContextHandler(ctx, h, store)
	h = otelhttp.NewHandler(h, "handle", otelhttp.WithTracerProvider(tp), otelhttp.WithMeterProvider(mp))
	h = &ah.ProbeHandler{NextHandler: h}
	h = netprobe.NewHandler(h)
	in := h
	h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // what the ingress would add
		r.Header.Set(activator.RevisionHeaderNamespace, "n")
		r.Header.Set(activator.RevisionHeaderName, "r")
		in.ServeHTTP(w, r)
	})
	log.Fatal(pkgnet.NewServer(os.Args[1], h).ListenAndServe())
}
