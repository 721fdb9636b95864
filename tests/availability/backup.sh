#!/usr/bin/env bash
# docker/backup.sh: a record with its blobs is backed up, goes on, is spoilt by a mistake, and is restored to
# the moment before it; every table, every blob and every tile is what it was then.
#
#   backup.sh CHECKOUT FOLDER [short]   CHECKOUT is built; clusters and backups lie in FOLDER. One line a
#                                       case: ok, FAILED or skipped. The short form restores once.
set -uo pipefail
home=$1
folder=$2
form=${3:-long}
# shellcheck source=tests/crash/nodes.sh
. "$home/tests/crash/nodes.sh"
logs=$folder/backup-log
port=$(free_port 18740)
restored_port=$(free_port $((port + 2)))
rehearsal=$folder/rehearsal
processes=()

finish() {
    for process in "${processes[@]}"; do
        kill -KILL "$process" && wait "$process"
    done 2>/dev/null
    as_cluster_owner "$cluster_tools/pg_ctl" -D "$rehearsal/pg" -w -m immediate -s stop >/dev/null 2>&1
    cluster_close
}
trap finish EXIT

back_up() { bash "$home/docker/backup.sh" "$@"; }

blob() { # TEXT   a file in the folder, then the row that owns it
    local name
    name=$(printf '%s' "$1" | sha256sum | cut -c1-64)
    mkdir -p "$DIABAN_BLOBS/${name:0:2}"
    printf '%s' "$1" >"$DIABAN_BLOBS/${name:0:2}/$name"
    ask diaban_backup -c "insert into diaban.blob (sha256, size, media_type) values ('$name', ${#1}, 'text/plain')"
}

edit() { # SECONDS
    "$cluster_tools/pgbench" -n -c 2 -R 100 -T "$1" -f "$folder/edit.sql" "$uri" >>"$logs/edit.log" 2>&1
}

# Each table's rows and their sum, but for the one row that says which generation it is.
sums() { # URI
    psql -XAtq -d "$1" -c "select format('select %L, count(*), md5(string_agg(md5(t::text), '''' order by md5(t::text))) from %I.%I t;',
        schemaname || '.' || tablename, schemaname, tablename) from pg_tables
        where schemaname in ('record', 'diaban') and tablename <> 'instance' order by 1" | psql -XAtq -d "$1"
}

tiles() { # PORT   digests of tiles over all parcels and of counts
    local path
    while read -r path; do
        printf '%s %s\n' "$path" "$(curl -s --max-time 20 "http://127.0.0.1:$1$path" | sha256sum | cut -c1-16)"
    done <"$folder/paths"
}

followed() { # PORT URI
    local tries=300
    until [ "$(curl -s --max-time 2 "http://127.0.0.1:$1/metrics" | awk '$1 == "diaban_feed_seq" { printf "%d", $2 }')" -ge "$(psql -XAtq -d "$2" -c 'select diaban.feed_head()')" ] 2>/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
}

if ! command -v pgbackrest >/dev/null || ! command -v rsync >/dev/null; then
    verdict skipped "backup and restore" "pgBackRest or rsync is missing (docker/install.sh availability)"
    exit 0
fi
mkdir -p "$logs"
chmod 711 "$folder"
cluster_open "$folder" "$folder/backup-sockets" durable
export DIABAN_BACKUP=$folder/backups DIABAN_PG=$cluster_folder DIABAN_PG_SOCKETS=$cluster_sockets DIABAN_BLOBS=$folder/blobs
uri=$(cluster_uri diaban_backup)
ask postgres -c "create database diaban_backup template template0 encoding 'UTF8'"
"$program" migrate --database "$uri" --home "$home" >"$logs/migrate.log" 2>&1
"$program" generate parcels --count 2000 --vertices 17 -o "$folder/parcels.fgb" >/dev/null 2>&1
"$program" import "$folder/parcels.fgb" --collection parcels --mode replace --database "$uri" --home "$home" >"$logs/import.log" 2>&1
cat >"$folder/edit.sql" <<'SQL'
\set fid random(1, 2000)
update record.parcels set geom = public.st_translate(geom, (random() - 0.5) * 1e-4, (random() - 0.5) * 1e-4) where fid = :fid;
SQL
blob "before the backup"
back_up prepare >"$logs/prepare.log" 2>&1
cluster_close
start_database
began=$(date +%s%N)
edit 2 & # what commits during the backup
processes+=("$!")
if back_up make >"$logs/make.log" 2>&1; then
    verdict ok "a backup by one command, under edits" "$((($(date +%s%N) - began) / 1000000)) ms, $(du -sm "$DIABAN_BACKUP" | cut -f1) MB"
else
    verdict FAILED "a backup by one command, under edits" "$(tail -n 2 "$logs/make.log" | tr '\n' ' ')"
fi
wait "${processes[0]}"
processes=()

blob "after the backup"
edit 1
back_up blobs
serve "$port" none
processes+=("$served")
followed "$port" "$uri"
ask diaban_backup -F / -c "
    with p as (select ST_Transform(ST_SetSRID(ST_PointOnSurface(geom), 4326), 3857) as at from record.parcels order by fid limit 20)
    select '/tiles/parcels/' || z, floor((ST_X(at) + 20037508.342789244) / 40075016.685578488 * (1 << z))::int,
           floor((20037508.342789244 - ST_Y(at)) / 40075016.685578488 * (1 << z))::int || '.mvt'
    from p, unnest(array[12, 14, 16]) as z" | sort -u >"$folder/paths"
printf '/collections/parcels/count\n' >>"$folder/paths"
generation=$(ask diaban_backup -c 'select generation from diaban.instance')
sums "$uri" >"$folder/sums-then"
tiles "$port" >"$folder/tiles-then"
instant=$(ask diaban_backup -c 'select clock_timestamp()')
sleep 0.2
# The mistake.
ask diaban_backup -c "delete from record.parcels where fid % 2 = 0" -c "update record.parcels set land_use = 'ODT'"
edit 1
last=$(ask postgres -c 'select pg_walfile_name(pg_switch_wal())')
archived() { [[ ! "$(ask postgres -c 'select last_archived_wal from pg_stat_archiver')" < "$last" ]]; }
for ((i = 0; i < 600; ++i)); do archived && break; sleep 0.1; done

began=$(date +%s%N)
if back_up restore "$rehearsal" --time "$instant" >"$logs/restore.log" 2>&1; then
    verdict ok "a restore to a moment by one command" "$((($(date +%s%N) - began) / 1000000)) ms"
else
    verdict FAILED "a restore to a moment by one command" "$(tail -n 2 "$logs/restore.log" | tr '\n' ' ')"
fi
restored=$(grep '^postgresql://.*diaban_backup' "$logs/restore.log")
sums "$restored" >"$folder/sums-restored"
if [ -s "$folder/sums-restored" ] && cmp -s "$folder/sums-then" "$folder/sums-restored"; then
    verdict ok "every table is what it was then" "$(wc -l <"$folder/sums-then") tables, $(awk -F'|' '{ n += $2 } END { print n }' "$folder/sums-then") rows, by sum"
else
    verdict FAILED "every table is what it was then" "$(diff "$folder/sums-then" "$folder/sums-restored" | head -n 4 | tr '\n' ' ')"
fi
if grep -q '^diaban_backup: .* 2 blobs, 0 missing' "$logs/restore.log"; then
    verdict ok "no row lacks its blob" "one of before the backup, one of after it"
else
    verdict FAILED "no row lacks its blob" "$(grep '^diaban_backup' "$logs/restore.log")"
fi
now=$(psql -XAtq -d "$restored" -c 'select generation from diaban.instance')
if [ "${now:-0}" -gt "$generation" ]; then
    verdict ok "the restored record starts a new generation of the feed" "$generation, then $now"
else
    verdict FAILED "the restored record starts a new generation of the feed" "$generation, then $now"
fi
uri=$restored serve "$restored_port" none
processes+=("$served")
tiles "$restored_port" >"$folder/tiles-restored"
if cmp -s "$folder/tiles-then" "$folder/tiles-restored"; then
    verdict ok "the restored mirror shows what was shown then" "$(wc -l <"$folder/paths") answers"
else
    verdict FAILED "the restored mirror shows what was shown then" "$(diff "$folder/tiles-then" "$folder/tiles-restored" | head -n 2 | tr '\n' ' ')"
fi

[ "$form" = long ] || exit 0
# A blob that is lost, or is not what its name says, is told.
lost=$(find "$DIABAN_BACKUP/blobs" -type f | head -n 1)
printf 'x' >>"$lost"
as_cluster_owner "$cluster_tools/pg_ctl" -D "$rehearsal/pg" -w -m immediate -s stop >/dev/null 2>&1
rehearsal=$folder/second-rehearsal
if back_up restore "$rehearsal" >"$logs/second.log" 2>&1 && grep -q '^diaban_backup: .* 2 blobs, 1 missing' "$logs/second.log"; then
    verdict ok "a restore to the end tells of a damaged blob"
else
    verdict FAILED "a restore to the end tells of a damaged blob" "$(tail -n 2 "$logs/second.log" | tr '\n' ' ')"
fi
