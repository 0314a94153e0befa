// Command kubernetes is the programs of a Kubernetes control plane, and kubectl, in one file.
//
// They share nearly all of their code, so one file of 130 MB stands for four with 360 MB together, and links four
// times as fast. Which program it is says its own name (by a symbolic link) or else its first argument:
//
//	kube-apiserver --etcd-servers=…
//	kubernetes kube-apiserver --etcd-servers=…
//
// Each branch does what the main function of that program does in the Kubernetes repository, no more.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	_ "time/tzdata" // Time zones of CronJobs, on machines without a database of them.

	"github.com/spf13/cobra"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // Logins that a kubeconfig may ask of kubectl.
	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	_ "k8s.io/component-base/logs/json/register"          // --logging-format=json
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // Metrics of the client library, under /metrics.
	_ "k8s.io/component-base/metrics/prometheus/version"  // The metric kubernetes_build_info.
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// Only the chosen program's command is ever made: making one registers flags and feature gates for the whole process.
var programs = map[string]func() int{
	"kube-apiserver":          serve(apiserver.NewAPIServerCommand),
	"kube-controller-manager": serve(func() *cobra.Command { return controllermanager.NewControllerManagerCommand() }),
	"kube-scheduler":          serve(func() *cobra.Command { return scheduler.NewSchedulerCommand() }),
	"kubectl":                 runKubectl,
}

func main() {
	run, known := programs[filepath.Base(os.Args[0])]
	if !known && len(os.Args) > 1 {
		// The chosen program is to see its own name as its first argument, as always.
		run, known = programs[os.Args[1]]
		os.Args = os.Args[1:]
	}
	if !known {
		fmt.Fprintf(os.Stderr, "usage: kubernetes %s [arguments]\n", strings.Join([]string{
			"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl",
		}, "|"))
		os.Exit(2)
	}
	os.Exit(run())
}

func serve(command func() *cobra.Command) func() int {
	return func() int { return cli.Run(command()) }
}

func runKubectl() int {
	// As in kubectl's own main: the flag for verbosity already counts while its commands are being made.
	_, _ = logs.GlogSetter(kubectl.GetLogVerbosity(os.Args))
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		kubectlutil.CheckErr(err)
	}
	return 0
}
