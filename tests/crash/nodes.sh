# shellcheck shell=bash
# Serving nodes of a test's own, and the tools of the launcher. Wants home, uri and logs. Sourced.

# shellcheck source=docker/shell.sh
. "$home/docker/shell.sh"
# shellcheck source=docker/cluster.sh
. "$home/docker/cluster.sh"
program=$home/build/release/diaban
# shellcheck disable=SC2034 # of those who source this
tool=$home/build/release/tests/crash/crash_tool

verdict() { printf '%s %s%s\n' "$1" "$2" "${3:+: $3}"; }

serve() { # PORT SEGMENTS   its process's number is in `served`
    "$program" serve --database "$uri" --home "$home" --port "$1" --live-port $(($1 + 1)) \
        --segments "$2" >>"$logs/serve-$1.log" 2>&1 </dev/null &
    served=$!
    await "http://127.0.0.1:$1/readyz"
}

await() { # URL
    local tries=1200
    until curl -sf -o /dev/null --max-time 2 "$1"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.05
    done
}
