// Command compact makes etcd forget every revision that any client can have seen: compact <etcd URL>
//
// An API server that has to ask etcd about one of them answers 410 Gone, as on any cluster that has run for long
// enough: it compacts what is older than five minutes by itself. Prints the oldest revision that is left.
// It speaks the JSON form of etcd's API, so that no client library is needed.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("compact: ")
	if len(os.Args) != 2 {
		log.Fatal("usage: compact <etcd URL>")
	}
	etcd := os.Args[1]

	// The revision that is compacted to can still be read, so it must be one that nobody has seen. A write makes one;
	// its key (keys and values travel as bytes) is not below /registry, so the API server does not notice.
	var written struct{ Header struct{ Revision string } }
	post(etcd+"/v3/kv/put", map[string]any{"key": []byte("compact"), "value": []byte{}}, &written)

	// Physical: answer only when the old revisions are truly gone.
	post(etcd+"/v3/kv/compaction", map[string]any{"revision": written.Header.Revision, "physical": true}, nil)
	fmt.Println(written.Header.Revision)
}

func post(url string, request, answer any) {
	body, err := json.Marshal(request)
	if err != nil {
		log.Fatal(err)
	}
	client := http.Client{Timeout: time.Minute}
	response, err := client.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		log.Fatalf("%s: %s: %s", url, response.Status, text)
	}
	if answer != nil {
		if err := json.Unmarshal(text, answer); err != nil {
			log.Fatalf("%s: %v", url, err)
		}
	}
}
