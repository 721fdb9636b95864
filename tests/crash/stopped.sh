#!/usr/bin/env bash
# What the mirror answers goes on while PostgreSQL is stopped, and each visitor sees what is theirs: tiles
# asked before and tiles never asked, low zooms, filters, counts, values. A token stays good, one that
# nobody gave lets nobody in, and what needs the record says so.
#
#   stopped.sh CHECKOUT FOLDER   CHECKOUT is built; a cluster of its own lies in FOLDER. One line a case: ok
#                                or FAILED.
set -uo pipefail
home=$1
folder=$2
# shellcheck source=tests/crash/nodes.sh
. "$home/tests/crash/nodes.sh"
logs=$folder/stopped-log
port=$(free_port 18600)
server=

finish() {
    if [ -n "$server" ]; then kill -KILL "$server" 2>/dev/null; fi
    cluster_close
}
trap finish EXIT

manage() { "$program" "$@" --database "$uri" --home "$home" 2>>"$logs/manage.log"; }

see() { # WHO SCOPE   a role that sees parcels of one scope alone, an account with it, and its token
    printf '{"name": "%s", "title": "", "administer": false, "audit": false, "operate": false, "grants": [%s]}' "$1" \
        "{\"collection\": \"parcels\", \"action\": \"read\", \"everywhere\": false, \"level\": 0, \"masked\": [], \"scopes\": [{\"unit\": \"$2\"}]}" |
        manage role set "$1" >/dev/null
    manage user add "$1" --no-password --role "$1" >/dev/null
    manage user token "$1" --scope read | tail -n 1
}

# answers TOKEN PATH…   status and digest of each.
answers() {
    local token=$1 path
    shift
    for path in "$@"; do
        printf '%s ' "$path"
        curl -s --max-time 20 -o "$folder/answer" -w '%{http_code} ' -H "Authorization: Bearer $token" \
            "http://127.0.0.1:$port$path"
        sha256sum <"$folder/answer" | cut -c1-16
    done
}

tiles() { # ZOOM…   the tile at the middle of the parcels
    local zoom
    for zoom in "$@"; do
        ask diaban_stopped -F / -c "
            with p as (select ST_Transform(ST_SetSRID(ST_Centroid(ST_Extent(geom)::geometry), 4326), 3857) as at from record.parcels)
            select '/tiles/parcels/$zoom', floor((ST_X(at) + 20037508.342789244) / 40075016.685578488 * (1 << $zoom))::int,
                   floor((20037508.342789244 - ST_Y(at)) / 40075016.685578488 * (1 << $zoom))::int || '.mvt' from p"
    done
}

status() { curl -s --max-time 20 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port$1" "${@:2}"; }

mkdir -p "$logs"
cluster_open "$folder" "$folder/stopped-sockets" durable
uri=$(cluster_uri diaban_stopped)
ask postgres -c "create database diaban_stopped template template0 encoding 'UTF8'"
manage migrate >/dev/null
"$program" generate parcels --count 5000 --vertices 17 -o "$folder/parcels.fgb" >/dev/null 2>&1
manage import "$folder/parcels.fgb" --collection parcels --mode replace >/dev/null
ask diaban_stopped -c "update record.parcels set scope = case fid % 2 when 0 then 'even' else 'odd' end"
even=$(see even even)
odd=$(see odd odd)
mapfile -t warm < <(tiles 6 9 14)
mapfile -t cold < <(tiles 7 10 13 15)
warm+=("/collections/parcels/count" "/collections/parcels/values/land_use" "/tiles/parcels.json")
for path in "${warm[@]}" "${cold[@]}"; do
    case $path in *.mvt) filtered+=("$path?filter=parcel_number%20%3E%2010") ;; esac
done
all=("${warm[@]}" "${cold[@]}" "${filtered[@]}")

# What is right, from a node that is gone before the database is.
serve "$port" none
server=$served
for token in "$even" "$odd"; do answers "$token" "${all[@]}"; done >"$folder/right"
kill "$server" && wait "$server" 2>/dev/null
serve "$port" none
server=$served
for token in "$even" "$odd"; do answers "$token" "${warm[@]}"; done >"$folder/warmed"

as_cluster_owner "$cluster_tools/pg_ctl" -D "$cluster_folder" -w -m immediate -s stop
for token in "$even" "$odd"; do answers "$token" "${all[@]}"; done >"$folder/stopped"
if [ "$(grep -c ' 200 ' "$folder/right")" -eq $((2 * ${#all[@]})) ] && cmp -s "$folder/right" "$folder/stopped"; then
    verdict ok "two visitors read on while PostgreSQL is stopped" "$((2 * ${#all[@]})) answers as before"
else
    verdict FAILED "two visitors read on while PostgreSQL is stopped" "$(diff "$folder/right" "$folder/stopped" | head -n 4 | tr '\n' ' ')"
fi
if [ "$(sed -n '1,2p' "$folder/right" | awk '{print $3}')" != "$(sed -n "$((${#all[@]} + 1)),$((${#all[@]} + 2))p" "$folder/right" | awk '{print $3}')" ]; then
    verdict ok "they see different parcels"
else
    verdict FAILED "they see different parcels"
fi
said="items $(status /collections/parcels/items -H "Authorization: Bearer $even"), a stranger's token $(status "${warm[2]}" -H 'Authorization: Bearer none')"
case $said in
    "items 503, a stranger's token 401" | "items 503, a stranger's token 503") verdict ok "what needs the record says so" "$said" ;;
    *) verdict FAILED "what needs the record says so" "$said" ;;
esac
as_cluster_owner "$cluster_tools/pg_ctl" -D "$cluster_folder" -w -t 60 -s -l "$cluster_folder/server.log" \
    -o "$(cluster_options durable)" start >/dev/null 2>&1
tries=100
until [ "$(status /collections/parcels/items -H "Authorization: Bearer $even")" = 200 ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || break
    sleep 0.1
done
if [ "$tries" -gt 0 ]; then verdict ok "items come back with it"; else verdict FAILED "items come back with it"; fi
