# What is in the cluster: nodes, four namespaces full of running pods, and a few of everything (see world/).

namespaces=(team-a team-b shop data)
apps=(web api worker cache search)
replicas_at_most=50

make_world() {
	local pods=$1 nodes=$2
	step "$nodes nodes, users and odd things created" create_surroundings "$pods" "$nodes"
	((nodes == 0)) || step "nodes ready" wait_until_ready "$nodes" ready_nodes
	((pods == 0)) || step "$pods pods ready" fill "$pods"
}

# wait_until_ready <how many> <command that prints how many are>. Not kubectl wait: it takes a tenth of a second for
# each object that is long since ready.
wait_until_ready() {
	local deadline=$((SECONDS + 900)) ready
	until
		ready=$("$2")
		((ready >= $1))
	do
		((SECONDS < deadline)) || fail "only $ready of $1 became ready"
		sleep 0.2
	done
}

ready_nodes() {
	admin get nodes -o jsonpath='{range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' |
		grep -c True || true
}

ready_pods() {
	local of_deployment all=0
	for of_deployment in $(admin get deployments --all-namespaces --selector=kapi.dev/world=fill \
		-o jsonpath='{.items[*].status.readyReplicas}'); do
		all=$((all + of_deployment))
	done
	printf '%d' "$all"
}

create_surroundings() {
	local namespace
	# Pods are refused until their namespace has its service account, so namespaces come well before them.
	{
		for namespace in "${namespaces[@]}"; do
			printf -- '---\napiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n' "$namespace"
		done
		print_nodes "$1" "$2"
	} | admin apply -f - >/dev/null
	admin apply -f "$here/world/users.yaml" -f "$here/world/gadgets.yaml" >/dev/null
	admin wait crd/gadgets.demo.kapi.dev --for=condition=Established --timeout=60s >/dev/null
	admin apply -f "$here/world/kinds.yaml" -f "$here/world/odd.yaml" >/dev/null
}

print_nodes() {
	local pods=$1 nodes=$2 node zones=(zone-a zone-b zone-c)
	# Room for twice what will be there, and for what a kubelet allows at least.
	local room=$((nodes == 0 ? 0 : 2 * pods / nodes))
	((room > 110)) || room=110
	for ((node = 1; node <= nodes; node++)); do
		cat <<-END
			---
			apiVersion: v1
			kind: Node
			metadata:
			  name: node-$node
			  annotations: {kwok.x-k8s.io/node: fake}
			  labels:
			    kubernetes.io/hostname: node-$node
			    kubernetes.io/os: linux
			    kubernetes.io/arch: amd64
			    topology.kubernetes.io/zone: ${zones[node % 3]}
			    node-role.kubernetes.io/worker: ""
			status:
			  capacity: {cpu: "32", memory: 256Gi, ephemeral-storage: 500Gi, pods: "$room"}
			  allocatable: {cpu: "31", memory: 250Gi, ephemeral-storage: 450Gi, pods: "$room"}
		END
	done
}

fill() {
	print_deployments "$1" | admin apply -f - >/dev/null
	wait_until_ready "$1" ready_pods
}

# Deployments of at most 50 pods, dealt out to the namespaces in turn: team-a/web, team-b/web, …, team-a/api, …
print_deployments() {
	local left=$1 index namespace app round replicas
	for ((index = 0; left > 0; index++, left -= replicas)); do
		replicas=$((left < replicas_at_most ? left : replicas_at_most))
		namespace=${namespaces[index % 4]}
		app=${apps[index / 4 % 5]}
		round=$((index / 20 + 1))
		((round == 1)) || app=$app-$round
		cat <<-END
			---
			apiVersion: v1
			kind: Service
			metadata:
			  name: $app
			  namespace: $namespace
			  labels: {app: $app}
			spec:
			  selector: {app: $app}
			  ports: [{name: http, port: 80, targetPort: http}]
			---
			apiVersion: apps/v1
			kind: Deployment
			metadata:
			  name: $app
			  namespace: $namespace
			  labels: {app: $app, kapi.dev/world: fill}
			spec:
			  replicas: $replicas
			  selector: {matchLabels: {app: $app}}
			  template:
			    metadata: {labels: {app: $app, tier: $([[ $app == web* ]] && echo front || echo back)}}
			    spec:
			      containers:
			      - name: main
			        image: registry.example/$namespace/$app:1.$((index % 7)).0
			        ports: [{name: http, containerPort: 8080}]
			        env: [{name: LOG_LEVEL, value: info}]
			        resources:
			          requests: {cpu: 10m, memory: 32Mi}
			          limits: {memory: 128Mi}
			        readinessProbe: {httpGet: {path: /ready, port: http}}
		END
	done
}
