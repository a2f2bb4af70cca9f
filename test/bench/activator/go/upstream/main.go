// Command upstream answers every request with 100 bytes, on each of the addresses given.
//
//	upstream 127.0.0.1:9001 127.0.0.1:9002
package main

import (
	"bytes"
	"log"
	"net/http"
	"os"
)

const bodyBytes = 100

func main() {
	body := bytes.Repeat([]byte("x"), bodyBytes)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{"text/plain"}
		if _, err := w.Write(body); err != nil {
			log.Print(err)
		}
	})
	failed := make(chan error)
	for _, address := range os.Args[1:] {
		go func() { failed <- http.ListenAndServe(address, handler) }()
	}
	log.Fatal(<-failed)
}
