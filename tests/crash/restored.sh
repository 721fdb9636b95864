#!/usr/bin/env bash
# Holds the past against databases that were really brought back to it: edits rows, their shapes and
# their validity in bursts, marks an instant after each, restores a base backup with the log up to that
# mark, and compares what the live node shows `as-of` the instant with what a node on the restored
# database shows.
#
#   restored.sh CHECKOUT FOLDER [INSTANTS [CASES]]   CHECKOUT is built; the clusters lie in FOLDER. One
#                                                    line an instant: ok or FAILED.
set -uo pipefail
home=$1
folder=$2
instants=${3:-2}
cases=${4:-20}
# shellcheck source=tests/crash/nodes.sh
. "$home/tests/crash/nodes.sh"
logs=$folder/past-log
port=$(free_port 18540)
restored_port=$(free_port $((port + 2)))
archive=$folder/archive
backup=$folder/backup
live=
restored=
restored_folder=

finish() {
    local pid
    for pid in $live $restored; do kill -KILL "$pid" 2>/dev/null; done
    stop_restored
    cluster_close
}
trap finish EXIT

control() { # FOLDER SOCKETS COMMAND…   pg_ctl on a cluster with those sockets
    local data=$1 sockets=$2
    shift 2
    as_cluster_owner "$cluster_tools/pg_ctl" -D "$data" -w -t 120 -s -l "$data/server.log" \
        -o "$(cluster_sockets=$sockets cluster_options durable)" "$@"
}

stop_restored() {
    [ -n "$restored_folder" ] || return 0
    as_cluster_owner "$cluster_tools/pg_ctl" -D "$restored_folder" -w -m immediate -s stop >/dev/null 2>&1
    rm -rf "$restored_folder"
    restored_folder=
}

# A burst of short transactions by four clients: shapes move, validity changes, rows come and go.
edit() { # SECONDS
    "$cluster_tools/pgbench" -n -c 4 -R 200 -T "$1" -f "$folder/edit.sql" "$uri" >>"$logs/edit.log" 2>&1
}

# restore NAME   the database as it was at the restore point, in a cluster of its own.
restore() {
    local tries=600
    restored_folder=$folder/restored
    own_folder "$restored_folder"
    as_cluster_owner cp -a "$backup/." "$restored_folder"
    as_cluster_owner tee -a "$restored_folder/postgresql.auto.conf" >/dev/null <<END
archive_mode = off
restore_command = 'cp $archive/%f %p'
recovery_target_name = '$1'
recovery_target_action = promote
END
    as_cluster_owner touch "$restored_folder/recovery.signal"
    control "$restored_folder" "$folder/restored-sockets" start || return 1
    until [ "$(psql -XAtq -d "$restored_uri" -c 'select pg_is_in_recovery()' 2>/dev/null)" = f ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.05
    done
    psql -XAtq -d "$restored_uri" -c 'select diaban.new_generation()' >/dev/null
}

mkdir -p "$logs"
cluster_open "$folder" "$folder/past-sockets" durable
for made in "$archive" "$backup" "$folder/restored-sockets"; do own_folder "$made"; done
ask postgres -c 'alter system set archive_mode = on' -c "alter system set archive_command = 'cp %p $archive/%f'"
control "$cluster_folder" "$cluster_sockets" -m fast restart
uri=$(cluster_uri diaban_past)
restored_uri=$(cluster_sockets=$folder/restored-sockets cluster_uri diaban_past)
ask postgres -c "create database diaban_past template template0 encoding 'UTF8'"
"$program" migrate --database "$uri" --home "$home" >"$logs/migrate.log" 2>&1
"$program" generate parcels --count 3000 --vertices 17 -o "$folder/parcels.fgb" >/dev/null 2>&1
"$program" import "$folder/parcels.fgb" --collection parcels --mode replace --database "$uri" --home "$home" \
    >"$logs/import.log" 2>&1
cat >"$folder/edit.sql" <<'SQL'
\set fid random(1, 3000)
\set kind random(1, 10)
\set days random(0, 900)
\set length random(1, 900)
\if :kind <= 5
update record.parcels set geom = public.st_translate(geom, (random() - 0.5) * 1e-4, (random() - 0.5) * 1e-4)
where fid = :fid;
\elif :kind <= 8
update record.parcels set valid_from = timestamptz '2024-01-01 00:00Z' + :days * interval '1 day',
    valid_to = timestamptz '2024-01-01 00:00Z' + (:days + :length) * interval '1 day' where fid = :fid;
\elif :kind = 9
delete from record.parcels where fid = :fid;
\else
insert into record.parcels (geom, land_use, scope) select geom, land_use, scope from record.parcels where fid = :fid;
\endif
SQL
as_cluster_owner "$cluster_tools/pg_basebackup" -D "$backup" -h "$cluster_sockets" -U postgres -c fast -X none
marks=()
for ((i = 1; i <= instants; ++i)); do
    edit 3
    sleep 0.1
    marks+=("$(ask diaban_past -c "select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')
                                   from pg_create_restore_point('mark_$i')")")
    sleep 0.1
done
edit 3
ask postgres -c 'select pg_switch_wal()' >/dev/null
serve "$port" none
live=$served
for ((i = 1; i <= instants; ++i)); do
    name="the past of instant $i of $instants is that of a database restored to it"
    if ! restore "mark_$i"; then
        verdict FAILED "$name" "the database is not restored"
        continue
    fi
    live_uri=$uri uri=$restored_uri serve "$restored_port" none
    restored=$served
    if said=$("$tool" --database "$restored_uri" past "$port" "$restored_port" --instant "${marks[i - 1]}" \
        --cases "$cases"); then
        verdict ok "$name" "$(tail -n 1 <<<"$said")"
    else
        verdict FAILED "$name" "$(tr '\n' ' ' <<<"$said")"
    fi
    kill "$restored" && wait "$restored" 2>/dev/null
    restored=
    stop_restored
done
