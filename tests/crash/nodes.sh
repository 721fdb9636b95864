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

start_database() {
    as_cluster_owner "$cluster_tools/pg_ctl" -D "$cluster_folder" -w -t 60 -s -l "$cluster_folder/server.log" \
        -o "$(cluster_options durable)" start >/dev/null 2>&1
}

# Kills it and brings it back.
kill_database() {
    local postmaster
    postmaster=$(head -n 1 "$cluster_folder/postmaster.pid")
    kill -KILL "$postmaster"
    while pgrep -P "$postmaster" >/dev/null || kill -0 "$postmaster" 2>/dev/null; do sleep 0.02; done
    # Its children notice that it is gone, and leave; until then a new one refuses to start.
    until start_database; do sleep 0.1; done
}
