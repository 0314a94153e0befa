// Command schema writes what the engine must know to read the API server's protobuf: which field number of which
// message is which JSON member. It takes that from the struct tags of the Kubernetes API's Go types.
//
//	schema write FILE   the schema, in the compact form that README.md describes
package main

import (
	"fmt"
	"os"
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
	default:
		return fmt.Errorf("usage: schema write FILE")
	}
}
