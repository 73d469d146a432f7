#!/usr/bin/env bash
# A PC/SC reader with a produced card in it, for one client, on a loopback and in a socket folder of its own.
#
# Usage: reader.sh PERSOTWIN CARD LOG CLIENT [ARGUMENT…]
#
# Starts pcscd with its virtual reader (normal mode: vpcd listens), holds the card in it, runs the client, and ends both. What the card was
# asked goes to LOG. The client finds the holder's process in $HOLDER. Its exit code is this script's.
set -euo pipefail
persotwin=$1 card=$2 log=$3
shift 3

if [ -z "${IN_A_READER:-}" ]; then
    map=()
    [ "$(id -u)" -eq 0 ] || map=(--map-root-user)
    exec env IN_A_READER=1 unshare "${map[@]}" --mount --net "$BASH" "$0" "$persotwin" "$card" "$log" "$@"
fi

mkdir -p /run/pcscd
mount -t tmpfs tmpfs /run/pcscd
ip link set lo up

started=()
stop() {
    for process in "${started[@]}"; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
}
trap stop EXIT

# Waits for something, at most 20 seconds.
await() {
    local what=$1
    shift
    for _ in $(seq 200); do
        if "$@"; then return; fi
        sleep 0.1
    done
    echo "reader.sh: $what" >&2
    cat "$log.pcscd" "$log" >&2
    exit 1
}

pcscd=$(PATH=$PATH:/usr/sbin command -v pcscd)
"$pcscd" --foreground >"$log.pcscd" 2>&1 &
started+=($!)
listens() { ss -ltn | grep -q ':35963 '; }
await "no virtual reader listens" listens

"$persotwin" card insert "$card" --reveal >"$log" 2>&1 &
export HOLDER=$!
started=("$HOLDER" "${started[@]}")
is_in() { opensc-tool -l | grep -Eq '^0 +Yes'; }
await "the reader sees no card" is_in

timeout 60 "$@"
