// Command rproxy is the reference of the activator's benchmark: Go's httputil.ReverseProxy as one
// would write a gateway on it. It spreads requests over pods by the fewest in flight.
//
//	rproxy 127.0.0.1:8000 127.0.0.1:9001 127.0.0.1:9002
package main

import (
	"context"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	inFlightPerPodMax = 1000
	copyBufferBytes   = 32 << 10
	idlePerPodMax     = 1000
)

type pod struct {
	address  string
	inFlight atomic.Int64
}

// balancer gives each request the pod with the fewest in flight; ties are shared out in turn.
type balancer struct {
	mutex sync.Mutex
	pods  []*pod
	next  int
}

func (b *balancer) acquire() *pod {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	var best *pod
	b.next++
	for i := range b.pods {
		p := b.pods[(b.next+i)%len(b.pods)]
		if p.inFlight.Load() >= inFlightPerPodMax {
			continue
		}
		if best == nil || p.inFlight.Load() < best.inFlight.Load() {
			best = p
		}
	}
	if best != nil {
		best.inFlight.Add(1)
	}
	return best
}

// buffers are shared by all requests, so that copying a body allocates nothing.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte  { return *b.pool.Get().(*[]byte) }
func (b *buffers) Put(x []byte) { b.pool.Put(&x) }

func newBuffers() *buffers {
	return &buffers{sync.Pool{New: func() any {
		x := make([]byte, copyBufferBytes)
		return &x
	}}}
}

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: rproxy LISTEN POD...")
	}
	b := &balancer{}
	for _, address := range os.Args[2:] {
		b.pods = append(b.pods, &pod{address: address})
	}
	type chosen struct{}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme = "http"
			r.Out.URL.Host = r.In.Context().Value(chosen{}).(*pod).address
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			MaxIdleConns:        idlePerPodMax * len(b.pods),
			MaxIdleConnsPerHost: idlePerPodMax,
			IdleConnTimeout:     90 * time.Second,
			DisableCompression:  true,
		},
		BufferPool:    newBuffers(),
		FlushInterval: -1,
	}
	var inFlight atomic.Int64
	handler := func(w http.ResponseWriter, r *http.Request) {
		p := b.acquire()
		if p == nil {
			http.Error(w, "no pod has room", http.StatusServiceUnavailable)
			return
		}
		inFlight.Add(1)
		defer func() {
			inFlight.Add(-1)
			p.inFlight.Add(-1)
		}()
		proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), chosen{}, p)))
	}
	log.Fatal(http.ListenAndServe(os.Args[1], http.HandlerFunc(handler)))
}
