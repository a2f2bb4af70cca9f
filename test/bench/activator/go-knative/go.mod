module flyball.dev/bench/knative

go 1.24
