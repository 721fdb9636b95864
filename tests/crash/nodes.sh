# shellcheck shell=bash
# Serving nodes of a test's own, and the tools of the launcher. Wants home, uri and logs. Sourced.

# shellcheck source=docker/shell.sh
. "$home/docker/shell.sh"
# shellcheck source=docker/cluster.sh
. "$home/docker/cluster.sh"
program=$home/build/release/diaban
# shellcheck disable=SC2034 # of those who source this
tool=$home/build/release/tests/crash/crash_tool

# What nodes run in, and those who ask them: a network of their own, or nothing.
node_ground=()
# What a node alone is started with.
node_with=()
# How nodes reach the database, where others reach it by `uri`.
node_uri=
# What the database is started in, and with besides.
database_ground=()
database_options=

verdict() { printf '%s %s%s\n' "$1" "$2" "${3:+: $3}"; }

serve() { # PORT SEGMENTS   its process's number is in `served`
    "${node_ground[@]}" "${node_with[@]}" "$program" serve --database "${node_uri:-$uri}" --home "$home" --port "$1" --live-port $(($1 + 1)) \
        --segments "$2" >>"$logs/serve-$1.log" 2>&1 </dev/null &
    served=$!
    await "http://127.0.0.1:$1/readyz"
}

await() { # URL
    local tries=1200
    until "${node_ground[@]}" curl -sf -o /dev/null --max-time 2 "$1"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.05
    done
}

start_database() (
    local owner=()
    if am_root; then owner=(runuser -u postgres --); fi # after the network is entered: that is root's to do
    cd / && "${database_ground[@]}" "${owner[@]}" "$cluster_tools/pg_ctl" -D "$cluster_folder" -w -t 60 -s \
        -l "$cluster_folder/server.log" -o "$(cluster_options durable) $database_options" start >/dev/null 2>&1
)

# Kills it; its children notice that it is gone, and leave: until then a new one refuses to start.
strike_database() {
    local postmaster
    postmaster=$(head -n 1 "$cluster_folder/postmaster.pid")
    kill -KILL "$postmaster"
    while pgrep -P "$postmaster" >/dev/null || kill -0 "$postmaster" 2>/dev/null; do sleep 0.02; done
}

# Kills it and brings it back.
kill_database() {
    strike_database
    until start_database; do sleep 0.1; done
}

# followed DATABASE PORT   waits, a minute at most, until the node shows everything that is committed
followed() {
    local head tries=1200
    head=$(ask "$1" -c 'select diaban.feed_head()')
    until [ "$("${node_ground[@]}" curl -s --max-time 2 "http://127.0.0.1:$2/metrics" |
        awk '/^diaban_feed_seq / { printf "%d", $2 }')" -ge "${head:-0}" ] 2>/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.05
    done
}
