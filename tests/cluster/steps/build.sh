# Builds the programs into $bin, from nothing but Go and its module proxy.
#
# Beside each program lies a stamp: what it was built from. Where all stamps are right, Go is not even looked for, so
# a kept .cluster/bin is all that a machine needs.

kubernetes_version=$(sed -n 's/^require k8s\.io\/kubernetes //p' "$here/kubernetes/go.mod")
etcd_version=$(sed -n 's/^require go\.etcd\.io\/etcd\/server\/v3 //p' "$here/etcd/go.mod")
kwok_version=v0.8.0
oldest_go=1.26.0
suggested_go=1.26.8

# build all: says of every program that it is there. build missing: speaks only of what it builds.
build() {
	mkdir -p "$bin"
	build_program "$1" kubernetes "$kubernetes_version" "$here"/kubernetes/{go.mod,main.go}
	build_program "$1" etcd "$etcd_version" "$here/etcd/go.mod"
	build_program "$1" kwok "$kwok_version"
	build_program "$1" certificates "" "$here"/{go.mod,certificates/main.go}
	build_program "$1" compact "" "$here"/{go.mod,compact/main.go}

	local name
	for name in kube-apiserver kube-controller-manager kube-scheduler kubectl; do
		ln -sf kubernetes "$bin/$name"
	done
}

build_program() {
	local speak=$1 name=$2 version=$3 stamp started=$EPOCHREALTIME
	shift 3
	stamp="$version $(uname -sm) $( (declare -f "go_$name" && cat /dev/null "$@") | sha256sum)"
	if [[ -x $bin/$name && -f $bin/$name.stamp && $(<"$bin/$name.stamp") == "$stamp" ]]; then
		[[ $speak == missing ]] || say "$name${version:+ $version}: there"
		return
	fi

	need_go
	say "building $name${version:+ $version}, log in $bin/$name.log"
	# The stamp goes first and comes last, and a running program is replaced, not overwritten.
	rm -f "$bin/$name.stamp"
	if ! (go_"$name" "$bin/.$name.new") >"$bin/$name.log" 2>&1; then
		tail -n 20 "$bin/$name.log" >&2
		fail "building $name failed"
	fi
	mv "$bin/.$name.new" "$bin/$name"
	printf '%s\n' "$stamp" >"$bin/$name.stamp"
	say "$name${version:+ $version}: built in $(seconds_since "$started"), $(du -m "$bin/$name" | cut -f1) MB"
}

go_kubernetes() {
	local package=k8s.io/component-base/version minor=${kubernetes_version#v1.}
	local flags="-X $package.gitVersion=$kubernetes_version -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
	cd "$here/kubernetes"
	go build -mod=mod -trimpath -ldflags "-s -w $flags -X $package.gitTreeState=clean" -o "$1" .
}

go_etcd() {
	cd "$here/etcd"
	go build -mod=mod -trimpath -ldflags "-s -w" -o "$1" go.etcd.io/etcd/server/v3
}

go_kwok() {
	# go install knows modules outside of this checkout, but not -o.
	GOBIN=$1.folder go install -trimpath -ldflags "-s -w" "sigs.k8s.io/kwok/cmd/kwok@$kwok_version"
	mv "$1.folder/kwok" "$1"
	rmdir "$1.folder"
}

go_certificates() {
	cd "$here"
	go build -trimpath -ldflags "-s -w" -o "$1" ./certificates
}

go_compact() {
	cd "$here"
	go build -trimpath -ldflags "-s -w" -o "$1" ./compact
}

# Settings of the user that would change what is built are left out; GOPROXY and the caches are the user's.
need_go() {
	export CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off GOFLAGS="-buildvcs=false ${GOFLAGS-}"
	local have found architecture
	have=$(go env GOVERSION 2>/dev/null) || have=
	have=${have#go}
	[[ -z $have || $(printf '%s\n' "$oldest_go" "$have" | sort -V | head -n 1) != "$oldest_go" ]] || return 0

	found="this is $have"
	[[ -n $have ]] || found="none is on the PATH"
	case $(uname -m) in
	aarch64 | arm64) architecture=arm64 ;;
	*) architecture=amd64 ;;
	esac
	say "building needs Go $oldest_go or newer; $found. To install it:"
	cat >&2 <<-END
		  curl -fsSL https://go.dev/dl/go$suggested_go.linux-$architecture.tar.gz -o /tmp/go.tar.gz
		  sudo rm -rf /usr/local/go && sudo tar -C /usr/local -xzf /tmp/go.tar.gz
		  export PATH=/usr/local/go/bin:\$PATH
	END
	exit 1
}
