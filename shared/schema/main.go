// Command schema writes what the engine must know to read the API server's protobuf: which field number of which
// message is which JSON member. It takes that from the struct tags of the Kubernetes API's Go types.
//
//	schema write FILE           the schema, in the compact form that README.md describes
//	schema corpus FOLDER SEED   pairs of protobuf and JSON to test readers with: objects of every kind, filled at random
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "schema: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "write":
		bytes, err := encode(collect(newScheme()))
		if err != nil {
			return err
		}
		return os.WriteFile(args[1], bytes, 0o644)
	case len(args) == 3 && args[0] == "corpus":
		seed, err := strconv.ParseInt(args[2], 10, 64)
		if err != nil {
			return fmt.Errorf("reading the seed: %w", err)
		}
		return writeCorpus(args[1], seed)
	default:
		return fmt.Errorf("usage: schema write FILE | schema corpus FOLDER SEED")
	}
}
