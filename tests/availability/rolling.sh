#!/usr/bin/env bash
# An upgrade under load behind HAProxy (docker/ha/haproxy.cfg): the database goes forward while the old
# version serves, one node after the other is restarted, and no request fails. What SIGHUP takes.
#
#   rolling.sh CHECKOUT FOLDER   CHECKOUT is built; a cluster of its own lies in FOLDER. One line a case: ok,
#                                FAILED or skipped.
set -uo pipefail
home=$1
folder=$2
# shellcheck source=tests/crash/nodes.sh
. "$home/tests/crash/nodes.sh"
logs=$folder/rolling-log
first=$(free_port 18760)
second=$(free_port $((first + 2)))
proxy=$(free_port $((second + 2)))
declare -A node=()
haproxy=
load=()

finish() {
    : >"$folder/enough"
    kill -KILL "${node[@]}" "${load[@]}" $haproxy 2>/dev/null
    cluster_close
}
trap finish EXIT

decide() { # NAME WORDS CONDITION…   a case that holds if `test` says so
    local name=$1 words=$2
    shift 2
    if test "$@"; then verdict ok "$name" "$words"; else verdict FAILED "$name" "$words"; fi
}

settings() { # PORT LINE…   the file of a node
    local port=$1
    shift
    printf '%s\n' "database = \"$uri\"" "home = \"$home\"" "port = $port" "live_port = $((port + 1))" \
        "segments = \"$folder/segments-$port\"" 'drain_s = 3' "$@" >"$folder/$port.toml"
}
start_node() { # PORT
    "$program" serve --config "$folder/$1.toml" >>"$logs/serve-$1.log" 2>&1 </dev/null &
    node[$1]=$!
    await "http://127.0.0.1:$1/readyz"
}
# How often a node's log says something, waiting for so many times.
told() { # PORT WORDS TIMES
    local tries=100
    until [ "$(grep -c "$2" "$logs/serve-$1.log")" -ge "$3" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || break
        sleep 0.05
    done
    grep -c "$2" "$logs/serve-$1.log"
}
stop_node() { # PORT
    kill -TERM "${node[$1]}"
    wait "${node[$1]}"
}

configuration() {
    sed -e "s/127.0.0.1:8080/127.0.0.1:$first/; s/127.0.0.1:8081/127.0.0.1:$((first + 1))/; s/port 8080/port $first/" \
        -e "s/127.0.0.1:9080/127.0.0.1:$second/; s/127.0.0.1:9081/127.0.0.1:$((second + 1))/; s/port 9080/port $second/" \
        -e "s/127.0.0.1:8090/127.0.0.1:$proxy/" "$home/docker/ha/haproxy.cfg"
}

# Reads of the mirrors and edits, all through the proxy.
begin_load() {
    "$tool" --database "$uri" write --log "$folder/edits" --rate 60 --seconds 300 --http "$proxy" --end "$folder/enough" &
    load+=("$!")
    "$tool" --database "$uri" read --rate 100 --end "$folder/enough" "$proxy" >"$folder/reads" 2>"$logs/read.log" &
    load+=("$!")
}

# The next version's migrations: what there is, and one that widens a table that nodes read.
next_migrations() {
    local last number
    mkdir -p "$folder/next"
    cp "$home"/data/migrations/*.sql "$folder/next"
    last=$(find "$folder/next" -name '*.sql' -printf '%f\n' | sort | tail -n 1)
    number=$(printf '%04d' $((10#${last%%_*} + 1)))
    cat >"$folder/next/${number}_rehearsal.sql" <<'SQL'
SET LOCAL ROLE diaban_owner;
ALTER TABLE diaban.collection ADD COLUMN rehearsal text NOT NULL DEFAULT '';
CREATE TABLE diaban.rehearsal (id bigint PRIMARY KEY);
SQL
}

upgrade() {
    local said
    next_migrations
    if said=$("$program" migrate --database "$uri" --home "$home" --migrations "$folder/next" 2>&1); then
        verdict ok "the database goes forward while the old version serves" "$(tr '\n' ' ' <<<"$said")"
    else
        verdict FAILED "the database goes forward while the old version serves" "$said"
    fi
    said=$("$program" migrate --database "$uri" --home "$home" 2>&1 && echo "it succeeds")
    decide "the old version refuses to migrate what is newer" "$said" "$(grep -c rehearsal <<<"$said")" = 1
    said=$("$program" migrate --or-newer --database "$uri" --home "$home" 2>&1 || echo "it fails")
    decide "and starts all the same where a newer one is at work" "$said" "$said" = "the database is newer than this program"

    # The old version once more (a machine that went down in the middle), then the new one on both.
    stop_node "$first"
    start_node "$first"
    said=$(told "$first" 'a newer version is at work beside it' 1)
    decide "an old node that is started again serves, and its log says what it lacks" "$said line" "$said" = 1
    sleep 1.5 # until the proxy has seen it twice
    for port in "$second" "$first"; do
        settings "$port" "migrations = \"$folder/next\""
        said=$(date +%s%3N)
        stop_node "$port"
        start_node "$port"
        verdict ok "a node is restarted under load" "away for $(($(date +%s%3N) - said)) ms, the 3 s it drains included"
        sleep 1.5
    done
}

judge() {
    local said
    : >"$folder/enough"
    wait "${load[0]}"
    if wait "${load[1]}"; then
        verdict ok "no read fails while nodes restart" "$(tail -n 1 "$folder/reads")"
    else
        verdict FAILED "no read fails while nodes restart" "$(tail -n 1 "$folder/reads") $(head -n 2 "$logs/read.log" | tr '\n' ' ')"
    fi
    load=()
    said=$(awk -v way="$proxy" '$4 == way { n[$1]++ } END { printf "%d acknowledged, %d not", n["acknowledged"], n["unknown"] }' "$folder/edits")
    case $said in
        0*) verdict FAILED "no edit fails while nodes restart" "$said" ;;
        *", 0 not") verdict ok "no edit fails while nodes restart" "$said" ;;
        *) verdict FAILED "no edit fails while nodes restart" "$said" ;;
    esac
    if said=$("$tool" --database "$uri" judge --log "$folder/edits"); then
        verdict ok "every edit is there" "$said"
    else
        verdict FAILED "every edit is there" "$said"
    fi
}

take_anew() {
    local log=$logs/serve-$first.log said
    settings "$first" "migrations = \"$folder/next\"" 'log_level = "debug"' 'job_slots = 1' 'live_connections = 7' 'cache_mb = 64'
    sed -i 's/^drain_s = 3/drain_s = 2/' "$folder/$first.toml"
    kill -HUP "${node[$first]}"
    told "$first" 'SIGHUP: ' 5 >/dev/null
    said=$(grep -o 'SIGHUP: .*' "$log" | cut -c9- | tr '\n' ';')
    decide "SIGHUP takes what it may and says what waits for a restart" "$said" \
        "$said" = "live_connections = 7 is taken;cache_mb = 64 waits for a restart;job_slots = 1 is taken;drain_s = 2 is taken;log_level = debug is taken;"
    printf 'port = "nowhere"\n' >"$folder/$first.toml"
    kill -HUP "${node[$first]}"
    told "$first" 'everything stays' 1 >/dev/null
    decide "a file that cannot be read changes nothing" "$(grep -o 'everything stays.*' "$log" | tail -n 1)" \
        "$(grep -c 'everything stays as it was' "$log")" = 1 -a "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$first/readyz")" = 200
}

leave() {
    local said began
    began=$(date +%s%3N)
    kill -TERM "${node[$first]}"
    sleep 0.5
    said="/readyz $(curl -s "http://127.0.0.1:$first/readyz" | grep -o '"leaving": *true'), $(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$first/readyz"); a tile $(curl -s -o /dev/null -D "$folder/head" -H 'Connection: keep-alive' -w '%{http_code}' "http://127.0.0.1:$first/tiles/parcels/8/203/114.mvt"), $(grep -ic '^connection: close' "$folder/head") close"
    wait "${node[$first]}"
    unset "node[$first]"
    case $said in
        '/readyz "leaving":'*'true, 503; a tile 20'[04]', 1 close')
            verdict ok "a node that stops is first not ready, and answers on" "$said; ended after $(($(date +%s%3N) - began)) ms" ;;
        *) verdict FAILED "a node that stops is first not ready, and answers on" "$said" ;;
    esac
}

if ! command -v haproxy >/dev/null; then
    verdict skipped "an upgrade under load" "HAProxy is missing (docker/install.sh availability)"
    exit 0
fi
mkdir -p "$logs"
chmod 711 "$folder"
cluster_open "$folder" "$folder/rolling-sockets" throwaway >/dev/null
uri=$(cluster_uri diaban_rolling)
ask postgres -c "create database diaban_rolling template template0 encoding 'UTF8'"
"$program" migrate --database "$uri" --home "$home" >"$logs/migrate.log" 2>&1
"$program" generate parcels --count 3000 --vertices 17 -o "$folder/parcels.fgb" >/dev/null 2>&1
"$program" import "$folder/parcels.fgb" --collection parcels --mode replace --database "$uri" --home "$home" >"$logs/import.log" 2>&1
ask diaban_rolling -c 'update record.parcels set parcel_number = 0' # both rows of each pair alike
for port in "$first" "$second"; do
    settings "$port"
    start_node "$port" || verdict FAILED "a node is ready"
done
configuration >"$folder/haproxy.cfg"
haproxy -db -f "$folder/haproxy.cfg" >"$logs/haproxy.log" 2>&1 </dev/null &
haproxy=$!
await "http://127.0.0.1:$proxy/healthz"
sleep 1.5
begin_load
sleep 2
upgrade
judge
take_anew
leave
