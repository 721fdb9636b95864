#!/usr/bin/env bash
# Clients that mean harm before a server of their own, long enough to see that they are given up.
#
#   hostile.sh CHECKOUT FOLDER [SCALE]   CHECKOUT is built; FOLDER is for state. One line a case: ok or FAILED.
set -uo pipefail
home=$1
folder=$2
scale=${3:-9}
export DIABAN_STATE=$folder
uri=
served=
# shellcheck source=tests/crash/nodes.sh
. "$home/tests/crash/nodes.sh"

end_all() {
    if [ -n "$served" ]; then end_process "$served" 5; fi
    cluster_close
}
trap end_all EXIT

mkdir -p "$logs"
chmod 711 "$folder"
cluster_open "$folder" "$folder/sockets" throwaway >/dev/null
uri=$(cluster_uri diaban_hostile)
ask postgres -c 'CREATE DATABASE diaban_hostile'
"$program" migrate --database "$uri" >/dev/null
ask diaban_hostile -c "INSERT INTO record.facilities (geom, source_srid) SELECT ST_SetSRID(ST_MakePoint(105.9 + n * 0.001, 18.3), 4326), 4326 FROM generate_series(1, 200) AS n"
port=$(free_port 19310)
serve "$port" "$folder/segments" || verdict FAILED "the server is ready"
"$home/build/release/tests/hostile/hostile" "$port" $((port + 1)) "$served" "$scale" /api \
    /healthz /collections /tiles/facilities/14/13013/7344.mvt "/collections/facilities/items?limit=100"
if kill -0 "$served" 2>/dev/null && curl -sf -o /dev/null --max-time 5 "http://127.0.0.1:$port/readyz"; then
    verdict ok "the server still serves"
else
    verdict FAILED "the server still serves"
fi
