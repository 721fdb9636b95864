#!/usr/bin/env bash
# Kills the server and the database at random moments under 200 edits a second, half of them over HTTP, and holds afterwards
# that no acknowledged edit is missing, none is half done, the mirror is what a fresh load shows, and
# subscribers that come back each time were told every change of what they watch exactly once.
#
#   crashes.sh CHECKOUT FOLDER [ROUNDS [PAUSE]]   CHECKOUT is built; a cluster of its own lies in
#                                                 FOLDER; a node is stopped for PAUSE seconds. One line
#                                                 a case: ok or FAILED.
set -uo pipefail
home=$1
folder=$2
rounds=${3:-5}
pause=${4:-10}
# shellcheck source=tests/crash/nodes.sh
. "$home/tests/crash/nodes.sh"
logs=$folder/crash-log
port=$(free_port 18500)
fresh_port=$(free_port $((port + 2)))
server=
fresh=
listener=

finish() {
    local pid
    for pid in $server $fresh $listener; do kill -KILL "$pid" 2>/dev/null; done
    cluster_close
}
trap finish EXIT

# round NAME VICTIM   edits, kills the victim in the middle, brings it back, judges.
round() {
    local name=$1 victim=$2 said writer
    "$tool" --database "$uri" write --log "$folder/edits" --seconds 1.5 --http "$port" &
    writer=$!
    sleep "0.$((RANDOM % 9 + 1))"
    if [ "$victim" = server ]; then
        kill -KILL "$server"
        wait "$server" 2>/dev/null
        serve "$port" "$folder/segments" || { verdict FAILED "$name" "the server does not come back"; return; }
        server=$served
    else
        kill_database
    fi
    wait "$writer"
    followed diaban_crash "$port" || { verdict FAILED "$name" "not followed within a minute"; return; }
    serve "$fresh_port" none
    fresh=$served
    followed diaban_crash "$fresh_port"
    if said=$("$tool" --database "$uri" judge --log "$folder/edits" && "$tool" --database "$uri" compare "$port" "$fresh_port" | tail -n 1); then
        verdict ok "$name" "$(tr '\n' ' ' <<<"$said")"
    else
        verdict FAILED "$name" "$(tr '\n' ' ' <<<"$said")"
    fi
    kill "$fresh" && wait "$fresh" 2>/dev/null
    fresh=
}

mkdir -p "$logs"
cluster_open "$folder" "$folder/crash-sockets" durable
uri=$(cluster_uri diaban_crash)
ask postgres -c "create database diaban_crash template template0 encoding 'UTF8'"
"$program" migrate --database "$uri" --home "$home" >"$logs/migrate.log" 2>&1
"$program" generate parcels --count 5000 --vertices 17 -o "$folder/parcels.fgb" >/dev/null 2>&1
"$program" import "$folder/parcels.fgb" --collection parcels --mode replace --database "$uri" --home "$home" \
    >"$logs/import.log" 2>&1
ask diaban_crash -c 'update record.parcels set parcel_number = 0' # both rows of each pair alike
serve "$port" "$folder/segments"
server=$served

mkdir "$folder/told"
"$tool" --database "$uri" listen --logs "$folder/told" --end "$folder/told-enough" $((port + 1)) &
listener=$!
until [ "$(grep -ls '^start' "$folder"/told/* | wc -l)" -eq 26 ]; do sleep 0.05; done
told_after=$(ask diaban_crash -c 'select diaban.feed_head()')

for ((i = 1; i <= rounds; ++i)); do round "server killed under edits, $i of $rounds" server; done
for ((i = 1; i <= rounds; ++i)); do round "database killed under edits, $i of $rounds" database; done

# A node that stood still for a while is on time again soon.
"$tool" --database "$uri" write --log "$folder/edits" --seconds $((pause + 2)) &
writer=$!
kill -STOP "$server"
sleep "$pause"
kill -CONT "$server"
wait "$writer"
before=$(date +%s%N)
followed diaban_crash "$port"
took=$((($(date +%s%N) - before) / 1000000))
if [ "$took" -le 5000 ]; then
    verdict ok "a node that was stopped converges within 5 s" "$took ms"
else
    verdict FAILED "a node that was stopped converges within 5 s" "$took ms"
fi

# What the subscribers were told meanwhile; they may still be hearing the last of it.
tries=600
until [ "$(grep -vc '^start' "$folder/told/0.told")" -gt "$(ask diaban_crash -c "select count(*) from diaban.change where seq > $told_after")" ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || break
    sleep 0.05
done
: >"$folder/told-enough"
wait "$listener"
listener=
if said=$("$tool" --database "$uri" heard --logs "$folder/told" --after "$told_after"); then
    verdict ok "subscribers are told each change once, through every crash" "$said"
else
    verdict FAILED "subscribers are told each change once, through every crash" "$said"
fi
