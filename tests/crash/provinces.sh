#!/usr/bin/env bash
# Two provinces, each with a record and a node on a server of its own and a copy of the other's parcels:
# both maps show both, an edit lands where its row belongs, and when one server is gone the other is
# read and edited as before.
#
#   provinces.sh CHECKOUT FOLDER   CHECKOUT is built; the clusters lie in FOLDER. One line a check: ok or
#                                  FAILED.
set -uo pipefail
home=$1
folder=$2
# shellcheck source=tests/crash/nodes.sh
. "$home/tests/crash/nodes.sh"
logs=$folder/provinces-log
declare -A uris=() ports=() nodes=()
port=$(free_port 18700)

finish() {
    local pid side
    for pid in "${nodes[@]}"; do kill -KILL "$pid" 2>/dev/null; done
    for side in north south; do
        enter "$side"
        cluster_close
    done
}
trap finish EXIT

# The cluster of one side is the one meant from here on.
enter() {
    cluster_folder=$folder/$1/pg
    cluster_sockets=$folder/$1/s
    uri=${uris[$1]:-}
}

control() { # COMMAND…   pg_ctl on the cluster that is meant; replication needs more in the log
    as_cluster_owner "$cluster_tools/pg_ctl" -D "$cluster_folder" -w -t 60 -s -l "$cluster_folder/server.log" \
        -o "$(cluster_options throwaway) -c wal_level=logical -c shared_buffers=32MB -c wal_retrieve_retry_interval=200ms" "$@" >/dev/null 2>&1
}

ask_of() { # SIDE SQL…
    local side=$1
    shift
    psql -XAtq -v ON_ERROR_STOP=1 -d "${uris[$side]}" "${@/#/-c}" 2>>"$logs/sql.log"
}

open_side() { # SIDE SHARD WEST,SOUTH,EAST,NORTH
    mkdir -m 711 "$folder/$1"
    cluster_open "$folder/$1" "$folder/$1/s" throwaway >/dev/null
    control -m fast restart
    uris[$1]=$(cluster_uri diaban)
    ask postgres -c "create database diaban template template0 encoding 'UTF8'"
    "$program" migrate --database "${uris[$1]}" --home "$home" >>"$logs/migrate.log" 2>&1
    ask_of "$1" "select diaban.take_shard($2)" >/dev/null
    load "$1" 1000 "$3"
    ask_of "$1" "select diaban.publish_shard('parcels')" >/dev/null
}

load() { # SIDE COUNT BOX   all its parcels anew
    "$program" generate parcels --count "$2" --vertices 17 --box "$3" -o "$folder/$1.fgb" >/dev/null &&
        "$program" import "$folder/$1.fgb" --collection parcels --mode replace --database "${uris[$1]}" --home "$home" \
            >>"$logs/import.log" 2>&1
}

take_copy() { # SIDE OTHER SHARD   of the other's parcels
    ask_of "$1" "select diaban.receive_shard('parcels', $3)" \
        "create subscription from_$2 connection 'host=$folder/$2/s dbname=diaban user=postgres' publication diaban_shard with (slot_name = to_$1)" >/dev/null
    wait_until 10 holds "$1" "select every(srsubstate = 'r') from pg_subscription_rel" t
    ask_of "$1" "select diaban.follow_shard('parcels', $3)" >/dev/null
}

holds() { [ "$(ask_of "$1" "$2")" = "$3" ]; } # SIDE SQL ANSWER

wait_until() { # SECONDS COMMAND…
    local tries=$(($1 * 20))
    shift
    until "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.05
    done
}

open_node() { # SIDE
    enter "$1"
    ports[$1]=$(free_port "$port")
    port=$((ports[$1] + 2))
    serve "${ports[$1]}" "$folder/$1/segments"
    nodes[$1]=$served
}

shows() { # SIDE COUNT   so many parcels
    [ "$(curl -s "http://127.0.0.1:${ports[$1]}/collections/parcels/items?limit=1&f=json" | jq .numberMatched)" = "$2" ]
}

tile() { curl -sf -H 'Accept-Encoding: identity' "http://127.0.0.1:${ports[$1]}/tiles/parcels/$2.mvt" | sha256sum; } # SIDE Z/X/Y
same_tile() { [ "$(tile north "$1")" = "$(tile south "$1")" ]; }

edit() { # SIDE FID NUMBER   prints the status
    local address=http://127.0.0.1:${ports[$1]}/collections/parcels/items/$2 tag
    tag=$(curl -s -o /dev/null -D - "$address" | tr -d '\r' | awk 'tolower($1) == "etag:" { print $2 }')
    curl -s -o "$folder/answer" -w '%{http_code}' --max-time 20 -X PATCH -H 'Content-Type: application/merge-patch+json' -H "If-Match: $tag" \
        -d "{\"properties\": {\"parcel_number\": $3}}" "$address"
}

number_of() { # SIDE FID   as its node tells it
    curl -s "http://127.0.0.1:${ports[$1]}/collections/parcels/items/$2?f=json" | jq .properties.parcel_number
}
tells() { [ "$(number_of "$1" "$2")" = "$3" ]; } # SIDE FID NUMBER

check() { # WHAT COMMAND…
    local what=$1
    shift
    if "$@"; then verdict ok "$what"; else verdict FAILED "$what"; fi
}

south=106.0,10.0,106.05,10.03
mkdir -p "$logs"
open_side north 1 105.0,21.0,105.05,21.03
open_side south 2 "$south"
take_copy north south 2
take_copy south north 1
open_node north
open_node south
fid_north=$(ask_of north 'select min(fid) from record.parcels where fid >> 43 = 1')
fid_south=$(ask_of south 'select min(fid) from record.parcels where fid >> 43 = 2')
# Of the south's first parcel, at zoom 15.
tile_south=$(ask_of south "select format('15/%s/%s', floor((x + 20037508.342789244) / 40075016.685578488 * 32768)::int,
    floor((20037508.342789244 - y) / 40075016.685578488 * 32768)::int) from (select ST_X(p) as x, ST_Y(p) as y from (select
    ST_Transform(ST_PointOnSurface(geom), 3857) as p from record.parcels where fid = $fid_south) as a) as b")

both_show() { shows north "$1" && shows south "$1"; }
own_edits() { [ "$(edit north "$fid_north" 70001) $(edit south "$fid_south" 70002)" = "200 200" ]; }
one_former_row() { holds "$1" 'select count(*) from record.parcels_history' 1; }
kept_at_home() { one_former_row north && one_former_row south; }
copied() {
    wait_until 5 tells north "$fid_south" 70002 && wait_until 5 tells south "$fid_north" 70001 &&
        wait_until 5 same_tile "$tile_south" && [ "$(tile north "$tile_south")" != "$tile_before" ]
}
copy_refused() {
    [ "$(edit north "$fid_south" 70003)" = 409 ] && grep -q row-of-another-server "$folder/answer" &&
        tells south "$fid_south" 70002
}
loaded_anew() {
    load south 1200 "$south" && wait_until 10 shows north 2200 && wait_until 10 shows south 2200 &&
        holds north 'select count(*) from record.parcels where fid >> 43 = 1' 1000
}
goes_on() { [ "$(edit north "$fid_north" 70004)" = 200 ] && tells north "$fid_north" 70004; }
copies_are_read() { tile north "$tile_south" >/dev/null && [ "$(number_of north "$fid_south")" -gt 0 ]; }
no_edit() { [ "$(edit south "$fid_south" 1)" != 200 ]; }
edited_again() { [ "$(edit south "$fid_south" 70005)" = 200 ]; }
caught_up() { wait_until 10 tells north "$fid_south" 70005 && wait_until 10 tells south "$fid_north" 70004; }

check "both nodes show the parcels of both provinces" both_show 2000
check "a tile of one province is the same, byte for byte, at both nodes" wait_until 5 same_tile "$tile_south"
tile_before=$(tile north "$tile_south")
check "each node edits its own parcels" own_edits
check "the former rows are kept by their own server alone" kept_at_home
check "an edit is in the copy, and on the other's map" copied
check "a copy is not edited where it is one" copy_refused
check "a province that is loaded anew replaces its own parcels alone" loaded_anew
fid_south=$(ask_of south 'select min(fid) from record.parcels where fid >> 43 = 2')

enter south
control -m immediate stop
check "without the south's server the north's parcels are edited and shown" goes_on
check "the south's are read at the north's node, maps and rows" copies_are_read
check "the south's node still draws maps" same_tile "$tile_south"
check "and says of an edit that it cannot be made now" no_edit
kill -TERM "${nodes[north]}"
wait "${nodes[north]}" 2>/dev/null
rm -rf "$folder/north/segments"
open_node north
check "the north's node starts from nothing with the parcels of both" shows north 2200
enter south
control start
check "when the south's server is back its parcels are edited" wait_until 10 edited_again
check "both catch up with what they missed" caught_up
