module flyball.dev/bench

go 1.24
