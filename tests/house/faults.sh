#!/usr/bin/env bash
# What the launcher says and leaves behind when something outside fails.
#
#   faults.sh CHECKOUT FOLDER   CHECKOUT is built; FOLDER is for state. One line a case: ok, FAILED or
#                               skipped.
set -uo pipefail
set -m # each demo is a process group of its own, as on a terminal
checkout=$1
folder=$2
export DIABAN_STATE=$folder/state
port=18180

verdict() { printf '%s %s%s\n' "$1" "$2" "${3:+: $3}"; }

# expect NAME PATTERN COMMAND…   fails with one line that says so.
expect() {
    local name=$1 pattern=$2 said
    shift 2
    if said=$("$@" 2>&1 </dev/null); then
        verdict FAILED "$name" "it succeeded"
    elif [ "$(grep -c '^run: ' <<<"$said")" -eq 1 ] && grep -qE "^run: .*$pattern" <<<"$said"; then
        verdict ok "$name"
    else
        verdict FAILED "$name" "it said: $said"
    fi
}

# start_demo LOG   starts a demo and waits until it is ready; its number is in `demo`.
start_demo() {
    "$checkout/run" demo --port "$port" >"$1" 2>&1 </dev/null &
    demo=$!
    local tries=6000
    until grep -q 'Diaban is ready' "$1"; do
        kill -0 "$demo" 2>/dev/null || return 1
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
}

# What of this state folder still runs: the server and the database's processes.
leftovers() {
    local entry
    for entry in /proc/[0-9]*; do
        if tr '\0' ' ' 2>/dev/null <"$entry/cmdline" | grep -qE "(^| )$DIABAN_STATE/pg( |$)|--blobs $DIABAN_STATE/"; then
            printf '%s ' "${entry##*/}"
        fi
    done
}

# stop_demo GROUP|PROCESS SIGNAL
stop_demo() {
    if [ "$1" = GROUP ]; then kill -s "$2" -- "-$demo"; else kill -s "$2" "$demo"; fi 2>/dev/null
    wait "$demo" 2>/dev/null
}

mkdir -p "$DIABAN_STATE"
chmod 711 "$DIABAN_STATE"

expect "an unknown command is named" 'there is no "fly"' "$checkout/run" fly
expect "a missing data folder is named" 'no folder /nowhere' "$checkout/run" demo --data /nowhere
expect "a port that is no number is refused" 'wants a number' "$checkout/run" demo --port http

if start_demo "$folder/first.log"; then
    verdict ok "the demo starts"
    expect "a second demo of one checkout is refused" 'running already' "$checkout/run" demo --port $((port + 10))
    DIABAN_STATE=$folder/other expect "a busy port is named" "port $port is in use" "$checkout/run" demo --port "$port"
    stop_demo GROUP INT # what Ctrl-C sends
    left=$(leftovers)
    if [ -z "$left" ]; then verdict ok "Ctrl-C leaves nothing running"; else verdict FAILED "Ctrl-C leaves nothing running" "$left"; fi

    before=$(date +%s%N)
    if start_demo "$folder/second.log"; then
        took=$((($(date +%s%N) - before) / 1000000))
        if [ "$took" -le 5000 ]; then
            verdict ok "the second start is ready within 5 s" "$took ms"
        else
            verdict FAILED "the second start is ready within 5 s" "$took ms"
        fi
        stop_demo PROCESS KILL
        if start_demo "$folder/third.log"; then
            verdict ok "a demo killed outright starts again"
        else
            verdict FAILED "a demo killed outright starts again" "$(tail -n 1 "$folder/third.log")"
        fi
        server=$(cat "$DIABAN_STATE/serve.pid")
        kill -KILL "$server"
        wait "$demo" 2>/dev/null
        if grep -q '^run: the server ended by itself' "$folder/third.log" && [ -z "$(leftovers)" ]; then
            verdict ok "a server that dies ends the demo with one line"
        else
            verdict FAILED "a server that dies ends the demo with one line" "$(tail -n 1 "$folder/third.log") $(leftovers)"
        fi
    else
        verdict FAILED "the second start is ready within 5 s" "$(tail -n 1 "$folder/second.log")"
    fi
else
    verdict FAILED "the demo starts" "$(tail -n 1 "$folder/first.log")"
fi

small=$folder/small
mkdir -p "$small"
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=64m tmpfs "$small" 2>/dev/null; then
    DIABAN_STATE=$small/state expect "a full disk is named" '(not enough room|disk is full)' "$checkout/run" demo --port "$port"
    umount "$small"
else
    verdict skipped "a full disk is named" "no right to mount a small one"
fi
