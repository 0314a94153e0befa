# etcd, API server, controller manager, scheduler, and kwok in place of kubelets.
#
# Only the API server listens on 127.0.0.1. etcd and kwok ask nobody who they are, and kwok runs commands, so they
# listen on a loopback address that is drawn at random each time (on Linux all of 127.0.0.0/8 is loopback): no page in a
# browser on this machine can guess where. Other users of this machine can find out.

users=(admin viewer developer nobody)

start_control_plane() {
	local port=$1 node_address etcd_port etcd_peer_port node_port
	node_address=127.$((1 + RANDOM % 254)).$((RANDOM % 256)).$((1 + RANDOM % 254))
	etcd_port=$(free_port "$node_address")
	etcd_peer_port=$(free_port "$node_address" "$etcd_port")
	node_port=$(free_port "$node_address" "$etcd_port" "$etcd_peer_port")
	if [[ -z $port ]]; then
		port=$(free_port 127.0.0.1)
	elif port_answers 127.0.0.1 "$port"; then
		fail "port $port is taken"
	fi
	printf 'http://%s:%s\n' "$node_address" "$etcd_port" >"$run/etcd.url"
	printf 'https://127.0.0.1:%s\n' "$port" >"$run/kube-apiserver.url"

	step "keys, certificates and tokens" make_credentials "$node_address"
	step "etcd $etcd_version started" start_etcd "http://$node_address:$etcd_peer_port"
	step "API server $kubernetes_version ready" start_apiserver "$port"
	step "controller manager, scheduler and kwok $kwok_version started" start_controllers "$node_address" "$node_port"
}

api_server_url() {
	printf '%s' "$(<"$run/kube-apiserver.url")"
}

is_ready() {
	admin get --raw /readyz
}

# kubectl as the administrator. The caches and preferences in the user's home stay out of it.
admin() {
	KUBERC=off "$bin/kubectl" --kubeconfig="$kubeconfig" --context=kapi-admin --cache-dir="$run/kubectl-cache" "$@"
}

# A port on which nothing answers. Below 32768, where Linux takes ports of outgoing connections from.
free_port() {
	local address=$1 port
	shift
	while :; do
		port=$((20000 + RANDOM % 10000))
		[[ " $* " != *" $port "* ]] && ! port_answers "$address" "$port" && break
	done
	printf '%s' "$port"
}

port_answers() {
	(exec 3<>"/dev/tcp/$1/$2") 2>/dev/null
}

make_credentials() {
	local user
	mkdir "$run/pki"
	"$bin/certificates" "$run/pki" "$1"

	# Tokens are drawn anew each time: no checkout of this project opens another's cluster.
	for user in "${users[@]}"; do
		printf '%s,%s,%s%s\n' "$(random_token)" "$user" "$user" "$([[ $user != admin ]] || echo ,system:masters)"
	done >"$run/tokens.csv"

	write_kubeconfig
	write_component_kubeconfig kube-controller-manager
	write_component_kubeconfig kube-scheduler
	write_component_kubeconfig kwok
}

random_token() {
	od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

token_of() {
	sed -n "s/^\([0-9a-f]*\),$1,.*/\1/p" "$run/tokens.csv"
}

# For people and tests: complete in itself, whatever becomes of $run.
write_kubeconfig() {
	local user
	{
		cat <<-END
			apiVersion: v1
			kind: Config
			current-context: kapi-admin
			clusters:
			- name: kapi
			  cluster:
			    server: $(api_server_url)
			    certificate-authority-data: $(base64 -w0 "$run/pki/ca.crt")
			users:
			- name: kapi-admin
			  user:
			    client-certificate-data: $(base64 -w0 "$run/pki/admin.crt")
			    client-key-data: $(base64 -w0 "$run/pki/admin.key")
		END
		for user in viewer developer nobody; do
			printf -- '- name: kapi-%s\n  user:\n    token: %s\n' "$user" "$(token_of "$user")"
		done
		printf 'contexts:\n'
		for user in "${users[@]}"; do
			printf -- '- name: kapi-%s\n  context:\n    cluster: kapi\n    user: kapi-%s\n' "$user" "$user"
			[[ $user != developer ]] || printf '    namespace: team-a\n'
		done
	} >"$kubeconfig"
}

write_component_kubeconfig() {
	cat >"$run/$1.kubeconfig" <<-END
		apiVersion: v1
		kind: Config
		current-context: default
		clusters:
		- name: default
		  cluster: {server: "$(api_server_url)", certificate-authority: "$run/pki/ca.crt"}
		users:
		- name: default
		  user: {client-certificate: "$run/pki/$1.crt", client-key: "$run/pki/$1.key"}
		contexts:
		- name: default
		  context: {cluster: default, user: default}
	END
}

start_etcd() {
	local client_url peer_url=$1
	client_url=$(<"$run/etcd.url")
	# Without fsync a power cut costs the data, and nothing else does.
	start etcd "$bin/etcd" \
		--data-dir="$run/etcd" --unsafe-no-fsync --quota-backend-bytes=4294967296 \
		--listen-client-urls="$client_url" --advertise-client-urls="$client_url" \
		--listen-peer-urls="$peer_url" --initial-advertise-peer-urls="$peer_url" --initial-cluster="default=$peer_url" \
		--watch-progress-notify-interval=5s --log-level=warn
	# The API server waits for etcd by itself.
}

start_apiserver() {
	local pki=$run/pki
	# No pod reaches the service `kubernetes`, so it gets no endpoint, and the address that would be one does not matter.
	start kube-apiserver "$bin/kube-apiserver" \
		--bind-address=127.0.0.1 --secure-port="$1" --advertise-address=127.0.0.1 --endpoint-reconciler-type=none \
		--tls-cert-file="$pki/kube-apiserver.crt" --tls-private-key-file="$pki/kube-apiserver.key" \
		--etcd-servers="$(<"$run/etcd.url")" \
		--client-ca-file="$pki/ca.crt" --token-auth-file="$run/tokens.csv" --authorization-mode=RBAC \
		--kubelet-certificate-authority="$pki/ca.crt" --kubelet-preferred-address-types=InternalIP \
		--kubelet-client-certificate="$pki/kube-apiserver-kubelet-client.crt" \
		--kubelet-client-key="$pki/kube-apiserver-kubelet-client.key" \
		--service-account-issuer=https://kubernetes.default.svc \
		--service-account-key-file="$pki/service-account.pub" \
		--service-account-signing-key-file="$pki/service-account.key" \
		--requestheader-client-ca-file="$pki/front-proxy-ca.crt" --requestheader-allowed-names=front-proxy-client \
		--requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
		--requestheader-extra-headers-prefix=X-Remote-Extra- \
		--proxy-client-cert-file="$pki/front-proxy-client.crt" --proxy-client-key-file="$pki/front-proxy-client.key" \
		--service-cluster-ip-range=10.96.0.0/16 --allow-privileged=true
	wait_for kube-apiserver is_ready
}

start_controllers() {
	local node_address=$1 node_port=$2 pki=$run/pki

	# Leases are renewed late where many things share few cores, and laptops sleep: nodes may be silent for long.
	start kube-controller-manager "$bin/kube-controller-manager" \
		--kubeconfig="$run/kube-controller-manager.kubeconfig" --leader-elect=false --secure-port=0 \
		--use-service-account-credentials --root-ca-file="$pki/ca.crt" \
		--service-account-private-key-file="$pki/service-account.key" \
		--cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key" \
		--kube-api-qps=1000 --kube-api-burst=2000 --node-monitor-grace-period=5m \
		--concurrent-deployment-syncs=10 --concurrent-replicaset-syncs=20 --concurrent-service-endpoint-syncs=10

	cat >"$run/kube-scheduler.yaml" <<-END
		apiVersion: kubescheduler.config.k8s.io/v1
		kind: KubeSchedulerConfiguration
		leaderElection: {leaderElect: false}
		clientConnection: {kubeconfig: "$run/kube-scheduler.kubeconfig", qps: 1000, burst: 2000}
	END
	start kube-scheduler "$bin/kube-scheduler" --config="$run/kube-scheduler.yaml" --secure-port=0

	# kwok takes everything from one file.
	local exec_as={} file
	((EUID != 0)) || exec_as='{runAsUser: 65534, runAsGroup: 65534}'
	for file in options kubelet life fates; do
		printf -- '---\n'
		sed "s|@run@|$run|g; s|@node_address@|$node_address|g; s|@node_port@|$node_port|g
			s|@exec_as@|$exec_as|g; s|@kubernetes@|$kubernetes_version|g" "$here/kwok/$file.yaml"
	done >"$run/kwok.yaml"
	write_pod_logs
	start kwok "$bin/kwok" --config="$run/kwok.yaml" --kubeconfig="$run/kwok.kubeconfig"
}

# What every container of every pod has logged: a line for each of the last 200 seconds, and before a restart three.
write_pod_logs() {
	local line levels=(INFO INFO INFO DEBUG WARN INFO INFO ERROR) now
	printf -v now '%(%s)T' -1
	for ((line = 1; line <= 200; line++)); do
		TZ=UTC printf '%(%Y-%m-%dT%H:%M:%S)T.000000000Z %s F %s request %d served in %d ms\n' \
			$((now - 200 + line)) stdout "${levels[line % 8]}" "$line" $((line * 37 % 250))
	done >"$run/pod.log"
	for line in "starting" "connecting to the database" "panic: no route to host"; do
		TZ=UTC printf '%(%Y-%m-%dT%H:%M:%S)T.000000000Z stderr F %s\n' $((now - 300)) "$line"
	done >"$run/pod-previous.log"
}

restart_apiserver() {
	[[ -f $run/kube-apiserver.command ]] || fail "the cluster is not up"
	local started=$EPOCHREALTIME
	stop kube-apiserver
	start_again kube-apiserver
	wait_for kube-apiserver is_ready
	say "API server ready again, $(seconds_since "$started"): $(api_server_url)"
}

compact() {
	running_pid etcd >/dev/null || fail "the cluster is not up"
	local revision
	revision=$("$bin/compact" "$(<"$run/etcd.url")")
	say "etcd has forgotten all before revision $revision"
}
