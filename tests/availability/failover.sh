#!/usr/bin/env bash
# Takes the machine of PostgreSQL's primary away under edits and reads: a standby takes over, two serving
# nodes follow it, no acknowledged edit is missing, no read of the mirrors fails.
#
#   failover.sh CHECKOUT FOLDER [short]   CHECKOUT is built; three members on loopback addresses lie in
#                                         FOLDER. One line a case: ok or FAILED. The long form has three
#                                         databases, brings the old primary back and switches over as planned;
#                                         the short one has two databases and a witness.
set -uo pipefail
home=$1
folder=$2
form=${3:-long}
# shellcheck source=tests/crash/nodes.sh
. "$home/tests/crash/nodes.sh"
logs=$folder/failover-log
# shellcheck source=tests/availability/members.sh
. "$home/tests/availability/members.sh"
first=$(free_port 18720)
second=$(free_port $((first + 2)))
fresh_port=$(free_port $((second + 2)))
databases=(a b c)
[ "$form" = short ] && databases=(a b)
processes=()
token=
export DIABAN_BLOBS=$folder/blobs # of both nodes

finish() {
    : >"$folder/enough"
    for process in "${processes[@]}"; do
        kill -KILL "$process" && wait "$process"
    done 2>/dev/null
    members_end
}
trap finish EXIT

now() { date +%s%3N; }
decide() { # NAME WORDS CONDITION…   a case that holds if `test` says so
    local name=$1 words=$2
    shift 2
    if test "$@"; then verdict ok "$name" "$words"; else verdict FAILED "$name" "$words"; fi
}
record() { psql -XAtq -d "$uri" "$@"; }
metric() { curl -s --max-time 2 "http://127.0.0.1:$1/metrics" | awk -v name="$2" '$1 == name { printf "%d", $2 }'; }

# Where the feed stands, and how often mirrors were loaded.
standing() { record -c 'select generation from diaban.instance'; metric "$first" diaban_mirror_loads_total; echo; metric "$second" diaban_mirror_loads_total; }

acknowledged_since() { # MILLISECONDS   over HTTP at both nodes, and past Diaban
    awk -v since="$1" '$1 == "acknowledged" && $5 > since { seen[$4] = 1 }
        END { n = 0; for (way in seen) n++; exit n < 3 }' "$folder/edits"
}
# The longest time, in milliseconds, without an acknowledged edit, over all ways, between two instants.
longest_pause() { # FROM TO
    awk -v from="$1" -v to="$2" '
        $1 == "acknowledged" && $5 > from && $5 <= to {
            if (!($4 in last)) last[$4] = from
            if ($5 - last[$4] > pause) pause = $5 - last[$4]
            last[$4] = $5
        }
        END { n = 0; for (way in last) { n++; if (to - last[way] > pause) pause = to - last[way] }
              printf "%d", n < 3 ? to - from : pause }' "$folder/edits"
}
# Reads that need the record: how long they were answered 503.
ask_record() {
    while [ ! -e "$folder/enough" ]; do
        printf '%s %s\n' "$(now)" "$(curl -s -o /dev/null --max-time 10 -w '%{http_code}' \
            "http://127.0.0.1:$first/collections/parcels/items?limit=1")"
        sleep 0.1
    done >"$folder/items"
}
follows() { # PORT
    [ "$(metric "$1" diaban_feed_seq)" -ge "$(record -c 'select diaban.feed_head()')" ] 2>/dev/null
}

set_up() {
    local name
    members_configure
    for name in a b c; do member_etcd "$name"; done
    member_patroni a
    patiently 600 member_primary a || return 1
    for name in "${databases[@]:1}"; do member_patroni "$name"; done
    uri=$(members_uri postgres "${databases[@]}")
    record -c "create database diaban template template0 encoding 'UTF8'"
    uri=$(members_uri diaban "${databases[@]}")
    "$program" migrate --database "$uri" --home "$home" >"$logs/migrate.log" 2>&1 || return 1
    "$program" generate parcels --count 3000 --vertices 17 -o "$folder/parcels.fgb" >/dev/null 2>&1
    "$program" import "$folder/parcels.fgb" --collection parcels --mode replace --database "$uri" --home "$home" \
        >"$logs/import.log" 2>&1 || return 1
    record -c 'update record.parcels set parcel_number = 0' # both rows of each pair alike
    serve "$first" "$folder/segments-1" || return 1
    processes+=("$served")
    serve "$second" "$folder/segments-2" || return 1
    processes+=("$served")
    patiently 600 member_synchronous "${databases[@]}"
}

# Subscribers of the first node, from before the first edit on.
begin_listening() {
    mkdir "$folder/told"
    "$tool" --database "$uri" listen --logs "$folder/told" --end "$folder/told-enough" $((first + 1)) &
    listener=$!
    processes+=("$listener")
    until [ "$(grep -ls '^start' "$folder"/told/* | wc -l)" -eq 26 ]; do sleep 0.05; done
    told_after=$(record -c 'select diaban.feed_head()')
}

begin_load() {
    "$tool" --database "$uri" write --log "$folder/edits" --rate 200 --seconds 300 --http "$first" --http "$second" \
        --end "$folder/enough" 2>"$logs/write.log" &
    writer=$!
    "$tool" --database "$uri" read --rate 100 --end "$folder/enough" "$first" "$second" \
        >"$folder/reads" 2>"$logs/read.log" &
    reader=$!
    ask_record &
    asker=$!
    processes+=("$writer" "$reader" "$asker")
}

fail_over() {
    local killed_at back_at pause
    old=$(member_primary "${databases[@]}")
    killed_at=$(now)
    member_kill "$old"
    others=("${databases[@]}")
    for i in "${!others[@]}"; do if [ "${others[i]}" = "$old" ]; then unset "others[i]"; fi; done
    others=("${others[@]}")
    patiently 400 member_primary "${others[@]}" || { verdict FAILED "a standby takes over"; return 1; }
    verdict ok "a standby takes over" "$old was killed, $(member_primary "${others[@]}") is the primary after $(($(now) - killed_at)) ms"
    patiently 300 acknowledged_since $((killed_at + 2000))
    sleep 2
    back_at=$(now)
    pause=$(longest_pause $((killed_at - 500)) "$back_at")
    decide "edits are taken again within 15 s, at both nodes and past them" "the longest pause was $pause ms" \
        "$pause" -le 15000
}

# Accounts are followed too: a token made on the new primary opens both nodes.
new_token() {
    "$program" user add heir --no-password --database "$uri" --home "$home" >/dev/null 2>&1
    token=$("$program" user token heir --scope read --database "$uri" --home "$home" 2>/dev/null | tail -n 1)
    opens() { curl -sf -o /dev/null --max-time 2 -H "Authorization: Bearer $token" "http://127.0.0.1:$1/collections/parcels/count"; }
    if patiently 50 opens "$first" && patiently 50 opens "$second"; then
        verdict ok "a token made after that opens both nodes"
    else
        verdict FAILED "a token made after that opens both nodes"
    fi
}

# So are jobs: one that is asked for at a node is run by either, and its file is there.
run_job() {
    local job
    job=$(curl -s -o /dev/null -D - --max-time 10 -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
        -H 'Prefer: respond-async' -d '{"inputs": {"collection": "parcels", "format": "csv"}}' \
        "http://127.0.0.1:$second/processes/export/execution" | tr -d '\r' | awk 'tolower($1) == "location:" { print $2 }')
    job=${job##*/}
    finished() { curl -s --max-time 5 -H "Authorization: Bearer $token" "http://127.0.0.1:$first/jobs/$job" | grep -q '"status": *"successful"'; }
    if [ -n "$job" ] && patiently 300 finished; then
        verdict ok "a job asked for after that is done"
    else
        verdict FAILED "a job asked for after that is done" "$(curl -s --max-time 5 -H "Authorization: Bearer $token" "http://127.0.0.1:$first/jobs/$job" | head -c 300)"
    fi
}

come_back() {
    local began
    began=$(now)
    member_etcd "$old"
    member_patroni "$old"
    streams() { [ "$(record -c "select state from pg_stat_replication where application_name = '$old'")" = streaming ]; }
    if patiently 900 streams; then
        verdict ok "the old primary comes back as a standby" "after $(($(now) - began)) ms, $(grep -q 'running pg_rewind' "$logs/patroni-$old.log" && echo "rewound by pg_rewind" || echo "without rewinding")"
    else
        verdict FAILED "the old primary comes back as a standby" "$(tail -n 2 "$logs/patroni-$old.log" | tr '\n' ' ')"
    fi
}

as_planned() {
    local from to began pause said
    from=$(member_primary "${databases[@]}")
    patiently 300 member_synchronous "${databases[@]}"
    to=$(member_synchronous "${databases[@]}")
    began=$(now)
    said=$(switch_over "$from" "$to")
    patiently 300 member_is "$to" primary
    patiently 300 acknowledged_since $(($(now) + 500))
    sleep 2
    pause=$(longest_pause $((began - 500)) "$(now)")
    if [ "$pause" -le 15000 ] && member_is "$to" primary; then
        verdict ok "a planned switchover" "$from to $to, the longest pause of edits was $pause ms"
    else
        verdict FAILED "a planned switchover" "$said, pause $pause ms"
    fi
}

judge() {
    local said away
    : >"$folder/enough"
    wait "$writer" "$asker"
    if wait "$reader"; then
        verdict ok "no read of the mirrors fails meanwhile" "$(tail -n 1 "$folder/reads")"
    else
        verdict FAILED "no read of the mirrors fails meanwhile" "$(tail -n 1 "$folder/reads") $(head -n 2 "$logs/read.log" | tr '\n' ' ')"
    fi
    away=$(awk '$2 != 200 { if (!since) since = $1 } $2 == 200 { if (since && $1 - since > away) away = $1 - since; since = 0 } END { printf "%d", away }' "$folder/items")
    decide "reads of rows come back with the record" "away for $away ms at most" "$away" -le 15000
    if said=$("$tool" --database "$uri" judge --log "$folder/edits"); then
        verdict ok "no acknowledged edit is missing" "$said"
    else
        verdict FAILED "no acknowledged edit is missing" "$said"
    fi
    patiently 300 follows "$first"
    patiently 300 follows "$second"
    serve "$fresh_port" none
    processes+=("$served")
    patiently 300 follows "$fresh_port"
    if said=$("$tool" --database "$uri" compare "$first" "$fresh_port" && "$tool" --database "$uri" compare "$second" "$fresh_port"); then
        verdict ok "both nodes show what a fresh one shows" "$(grep tiles <<<"$said" | tr '\n' ' ')"
    else
        verdict FAILED "both nodes show what a fresh one shows" "$(tr '\n' ' ' <<<"$said")"
    fi
    decide "the feed goes on in its generation, and no mirror is loaded anew" \
        "timeline $(record -c 'select timeline_id from pg_control_checkpoint()')" "$(standing)" = "$stood"
    [ "$form" = long ] || return 0
    sleep 3 # what subscribers are told last
    : >"$folder/told-enough"
    wait "$listener"
    if said=$("$tool" --database "$uri" heard --logs "$folder/told" --after "$told_after"); then
        verdict ok "subscribers are told each change once" "$said"
    else
        verdict FAILED "subscribers are told each change once" "$said"
    fi
}

if ! command -v patroni >/dev/null || ! command -v etcd >/dev/null; then
    verdict skipped "a primary is lost" "Patroni or etcd is missing (docker/install.sh availability)"
    exit 0
fi
mkdir -p "$logs"
chmod 711 "$folder"
if ! set_up; then
    verdict FAILED "PostgreSQL under Patroni" "$(tail -qn 1 "$logs"/patroni-*.log "$logs"/migrate.log 2>/dev/null | tr '\n' ' ')"
    exit 0
fi
stood=$(standing)
[ "$form" = short ] || begin_listening
begin_load
sleep 3
if fail_over; then
    new_token
    if [ "$form" = long ]; then
        run_job
        come_back
        as_planned
    fi
fi
judge
