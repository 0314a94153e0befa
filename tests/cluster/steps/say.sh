# What the script says while it works, and how long things took.

say() {
	printf 'cluster: %s\n' "$*" >&2
}

fail() {
	say "$*"
	exit 1
}

# The number that follows an option: number --pods 10
number() {
	[[ ${2-} =~ ^(0|[1-9][0-9]{0,5})$ ]] || fail "$1 needs a number, not \"${2-}\""
	printf '%s' "$2"
}

# Runs a command and says how long it took: step "etcd answers" start_etcd
step() {
	local what=$1 started=$EPOCHREALTIME
	shift
	"$@"
	say "$what, $(seconds_since "$started")"
}

# As "1.3 s", for a start taken from EPOCHREALTIME (whose decimal point depends on the locale).
seconds_since() {
	local tenths=$(((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}) / 100000))
	printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}
