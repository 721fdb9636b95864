# shellcheck shell=bash
# ./run bench flood: terrain, water and exposure over a province, over HTTP, on the demo's own data
# with ground of 30 m (some 16 M cells). Wants the real files (DIABAN_DATA). Sourced by bench.sh.

flood_base=

bench_flood() {
    local port blobs=$bench_work/blobs
    [ -n "${DIABAN_DATA:-}" ] || { say "Flood: skipped, DIABAN_DATA is not set"; return 0; }
    flood_load "$blobs"
    port=$(free_port 18400)
    DIABAN_LOG_LEVEL=warn demo_serve "$port" "$((port + 1))" "$bench_work"
    bench_processes+=("$demo_server")
    flood_base=http://127.0.0.1:$port
    flood_measure
    end_process "$demo_server" 10
}

flood_load() {
    local blobs=$1 state=$bench_work area=hatinh diaban=$home/build/release/diaban
    local record=(--database "$(cluster_uri diaban_flood)" --home "$home" --blobs "$blobs")
    demo_uri=$(cluster_uri diaban_flood)
    ask postgres -c "create database diaban_flood template template0 encoding 'UTF8'"
    step "Migrating" flood-migrate.log "$diaban" migrate --database "$demo_uri" --home "$home"
    import_plans "Loading the files" flood-load.log "$DIABAN_DATA" "$home/data/demo/$area"/*.toml
    generate_rest "$area" "$DIABAN_DATA"
    step "Generating ground of 30 m" flood-ground.log "$diaban" generate terrain --cell 30 \
        --communes "$DIABAN_DATA/admin/hatinh_communes_2025_full.fgb" \
        --rivers "$DIABAN_DATA/hydro/rivers_gms_vn_bbox.fgb" -o "$bench_work/fine.tif"
    step "Loading it" flood-fine.log "$diaban" import "${record[@]}" "$bench_work/fine.tif" --coverage fine --synthetic
    step "Preparing it" flood-prepare.log "$diaban" process "${record[@]}" terrain-prepare \
        --inputs '{"terrain": "fine", "stream_km2": 3}'
    ask diaban_flood -c 'analyze'
}

# flood_job PROCESS INPUTS   asks for a job; its id.
flood_job() {
    curl -sf --max-time 10 -H 'Content-Type: application/json' -d "{\"inputs\": $2}" \
        "$flood_base/processes/$1/execution" | jq -r .jobID
}

flood_await() {
    local status=accepted tries=6000
    while [ "$status" = accepted ] || [ "$status" = running ]; do
        sleep 0.05
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "the job $1 does not end"
        status=$(curl -sf --max-time 10 "$flood_base/jobs/$1" | jq -r .status)
    done
    [ "$status" = successful ] || fail "the job $1 is $status"
}

since() { awk -v from="$1" -v to="$(date +%s%N)" 'BEGIN { printf "%.2f", (to - from) / 1e9 }'; }

# flood_process PROCESS INPUTS   seconds from asking to the results, by themselves in $bench_work/results.
flood_process() {
    local from id
    from=$(date +%s%N)
    id=$(flood_job "$1" "$2")
    flood_await "$id"
    curl -sf --max-time 30 -o "$bench_work/results" "$flood_base/jobs/$id/results"
    since "$from"
}

# flood_gets COUNT PATH   the slowest of so many answers, in milliseconds.
flood_gets() {
    local i
    for ((i = 0; i < $1; i++)); do
        curl -sf --max-time 10 -o /dev/null -w '%{time_total}\n' "$flood_base$2"
    done | sort -n | awk 'END { printf "%.1f", $1 * 1000 }'
}

# What PostGIS takes for the same question of a polygon: parcels in it, their common area, by commune.
flood_postgis() {
    local from
    from=$(date +%s%N)
    ask diaban_flood -c "with hazard as (select ST_GeomFromGeoJSON('$1') as shape),
        hit as (select p.fid, ST_PointOnSurface(p.geom) as middle, ST_Area(ST_Intersection(p.geom, h.shape)::geography) as area
                from record.parcels as p, hazard as h where ST_Intersects(p.geom, h.shape))
        select c.code, count(*), sum(area) from hit join record.places as c
        on c.level = 'commune' and c.valid_to is null and ST_Contains(c.geom, hit.middle) group by c.code" >/dev/null
    since "$from"
}

flood_measure() {
    local shape id from frames=0 coverage time
    say "Terrain"
    line "catchment, slowest of 20" "$(flood_gets 20 '/coverages/fine/catchment?lon=105.9&lat=18.35&snap=5000')" 200 ms "the bar" "<= 200 ms"
    line "tile of heights, slowest of 20" "$(flood_gets 20 /coverages/fine/tiles/terrarium/11/1626/918.png)" 0 ms "" ""
    say "Exposure"
    line "level +2 m over 16 M cells: exposure" \
        "$(flood_process exposure '{"hazard": {"coverage": "fine_hand", "to": 2}}')" 1 s "the bar" "<= 1 s"
    shape='{"type": "Polygon", "coordinates": [[[105.7, 18.2], [106.0, 18.2], [105.9, 18.45], [105.7, 18.2]]]}'
    line "a polygon: parcels in it, by commune" \
        "$(flood_process exposure "{\"hazard\": {\"polygon\": $shape}, \"collections\": [\"parcels\"]}")" \
        "$(flood_postgis "$shape")" s "PostGIS, one statement" ""
    say "Water"
    from=$(date +%s%N)
    id=$(flood_job inundation '{"terrain": "fine", "bbox": [105.8, 18.28, 106.0, 18.45], "hours": 2, "frame_minutes": 5,
        "friction": 0.06, "releases": [{"geometry": {"type": "Point", "coordinates": [105.9, 18.35]}, "discharge": [[0, 0], [20, 200]]}]}')
    coverage=flood_${id//-/_}
    until [ "$frames" -gt 0 ]; do
        sleep 0.02
        frames=$(curl -s --max-time 10 "$flood_base/coverages/$coverage" | jq '.times | length' 2>/dev/null || echo 0)
    done
    line "asked to first frame" "$(since "$from")" 2 s "the bar" "<= 2 s"
    flood_await "$id"
    time=$(curl -sf --max-time 10 "$flood_base/coverages/$coverage" | jq -r '.times[-1]')
    line "exposure of a frame" \
        "$(flood_process exposure "{\"hazard\": {\"coverage\": \"$coverage\", \"datetime\": \"$time\"}}")" 1 s "the bar" "<= 1 s"
}
