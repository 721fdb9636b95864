#!/usr/bin/env bash
# A thousand calls for rescue from four callers at once while the server is killed and started again, twice; holds
# afterwards that every acknowledged call is there exactly once, and that each is merged with another or was sent a team.
#
#   calls.sh CHECKOUT FOLDER [CALLS]   CHECKOUT is built; a cluster of its own lies in FOLDER. Three lines: ok or FAILED.
set -uo pipefail
home=$1
folder=$2
calls=${3:-1000}
# shellcheck source=tests/crash/nodes.sh
. "$home/tests/crash/nodes.sh"
logs=$folder/calls-log
port=$(free_port 18660)
server=

finish() {
    if [ -n "$server" ]; then kill -KILL "$server" 2>/dev/null; fi
    cluster_close
}
trap finish EXIT

# strike SHARE   kills the server once that share (of ten) of the calls is acknowledged, and starts it again.
strike() {
    local tries=1200
    until [ "$(wc -l <"$folder/acknowledged-calls")" -ge $((calls * $1 / 10)) ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.05
    done
    kill -KILL "$server"
    wait "$server" 2>/dev/null
    serve "$port" "$folder/segments"
    server=$served
}

# What is acknowledged; what of it is not there, is there twice, or under another number.
judge_calls() {
    local said
    said=$(ask diaban_calls <<SQL
create temporary table told (key text, fid bigint);
\\copy told from '$folder/acknowledged-calls' with (format text, delimiter ' ')
select (select count(distinct key) from told) || ' acknowledged, ' ||
       (select count(*) from told t where not exists (select from record.rescue_calls c
           where c.key = t.key and c.fid = t.fid)) || ' missing, ' ||
       (select count(*) from (select from record.rescue_calls group by key having count(*) > 1) twice) || ' twice, ' ||
       (select count(*) from record.rescue_calls) || ' stored'
SQL
    )
    if [ "$said" = "$calls acknowledged, 0 missing, 0 twice, $calls stored" ]; then verdict ok "rescue calls" "$said"
    else verdict FAILED "rescue calls" "$said of $calls"; fi
}

judge_dispatch() {
    local said
    said=$(ask diaban_calls -c "select count(*) filter (where state = 'merged') || ' merged, ' ||
        count(*) filter (where state = 'done' and team is not null) || ' dispatched, ' ||
        count(*) filter (where state not in ('merged', 'done')) || ' left, ' ||
        count(*) filter (where state = 'merged' and not exists (select from record.rescue_calls r
            where r.fid = c.merged_into and r.state = 'done')) || ' merged into nothing' from record.rescue_calls c")
    if [[ $said == *", 0 left, 0 merged into nothing" && $said != 0* ]]; then verdict ok "merged or dispatched" "$said"
    else verdict FAILED "merged or dispatched" "$said"; fi
    said=$(ask diaban_calls -c "select count(*) from record.rescue_teams where state <> 'free'")
    if [ "$said" = 0 ]; then verdict ok "teams are free again" ""
    else verdict FAILED "teams are free again" "$said are not"; fi
}

mkdir -p "$logs"
cluster_open "$folder" "$folder/call-sockets" durable
uri=$(cluster_uri diaban_calls)
ask postgres -c "create database diaban_calls template template0 encoding 'UTF8'"
"$program" migrate --database "$uri" --home "$home" >"$logs/migrate.log" 2>&1
"$program" import "$home/data/hazards/triage_rules.csv" --collection triage_rules --mode replace \
    --database "$uri" --home "$home" >"$logs/import.log" 2>&1
ask diaban_calls -c "insert into record.disaster_events (kind, name, phase) values ('flood', 'Lũ', 'respond');
    insert into record.rescue_teams (name, kind, capacity, state, geom)
        select 'Đội ' || i, 'boat', 8, 'free', st_point(105.6 + i / 40.0, 18.2 + i / 60.0, 4326)
        from generate_series(1, 12) i"
: >"$folder/acknowledged-calls"
serve "$port" "$folder/segments"
server=$served
node "$home/tests/crash/calls.mjs" "$folder/acknowledged-calls" "http://127.0.0.1:$port" "$calls" &
caller=$!
strike 3 || verdict FAILED "rescue calls" "they stop before the server is killed"
strike 6 || verdict FAILED "rescue calls" "they stop before the server is killed again"
wait "$caller"
judge_calls
judge_dispatch
