# The processes of the cluster: started apart from this script, found again by files in $run.
#
# Of each component there is <component>.pid, <component>.log and <component>.command (to start it again just so).
# A process is only ever taken for ours, and killed, when its arguments name $run: after a crash or a reboot the number
# in a pid file may belong to anybody.

# In the order in which they are started.
components=(etcd kube-apiserver kube-controller-manager kube-scheduler kwok)

# start <component> <program> [arguments]
start() {
	local component=$1
	shift
	printf '%q ' "$@" >"$run/$component.command"
	# A session of its own: no signal of this terminal reaches it, and what it starts dies with it. It must not hold our
	# lock, nor take requests to fake pods to an HTTP proxy.
	(
		unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
		exec setsid "$@" {lock}>&- </dev/null >>"$run/$component.log" 2>&1
	) &
	printf '%s\n' $! >"$run/$component.pid"
	disown
}

start_again() {
	local command
	eval "command=($(<"$run/$1.command"))"
	start "$1" "${command[@]}"
}

# Prints the process id of a component; fails when it does not run.
running_pid() {
	local pid
	[[ -f $run/$1.pid ]] || return
	pid=$(<"$run/$1.pid")
	[[ $pid =~ ^[0-9]+$ ]] || return
	tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "$run" || return
	printf '%s' "$pid"
}

all_run() {
	local component
	for component in "${components[@]}"; do
		running_pid "$component" >/dev/null || return
	done
}

# There is nothing worth an orderly end: the data goes too, and a test of faults wants connections to break.
stop() {
	local pid
	if pid=$(running_pid "$1"); then
		kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid"
		until is_gone "$pid"; do
			sleep 0.05
		done
	fi
	rm -f "$run/$1.pid"
}

# A killed process has lost its arguments long before its ports are free: those stay until its last thread has ended.
# Then it is gone, or left as a zombie of one thread where nobody collects it.
is_gone() {
	local tasks=("/proc/$1/task"/*)
	[[ ! -d /proc/$1 ]] || { ((${#tasks[@]} == 1)) && grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }
}

stop_all() {
	local index
	for ((index = ${#components[@]} - 1; index >= 0; index--)); do
		stop "${components[index]}"
	done
}

# Waits until a command succeeds, for at most a minute, while a component runs: wait_for kube-apiserver is_ready
wait_for() {
	local component=$1 deadline=$((SECONDS + 60))
	shift
	until "$@" >/dev/null 2>&1; do
		if ! running_pid "$component" >/dev/null; then
			tail -n 20 "$run/$component.log" >&2
			fail "$component has ended"
		fi
		((SECONDS < deadline)) || fail "waited a minute in vain for $component: $*"
		sleep 0.1
	done
}
