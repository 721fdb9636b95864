# shellcheck shell=bash
# ./run bench flood, cutoff: terrain, water and exposure over a province, over HTTP, on the demo's own data
# with ground of 30 m: 16 M cells around Hà Tĩnh, some 7 M of them land. Wants the real files
# (DIABAN_DATA). Asked for alone, it runs the benchmarks of terrain and inundation too. Sourced by bench.sh.

flood_base=

bench_flood() {
    local port blobs=$bench_work/blobs
    if [ "${names[*]}" = flood ]; then
        bench_terrain
        bench_inundation
    fi
    [ -n "${DIABAN_DATA:-}" ] || { say "Flood: skipped, DIABAN_DATA is not set"; return 0; }
    flood_load "$blobs"
    port=$(free_port 18400)
    DIABAN_LOG_LEVEL=warn demo_serve "$port" "$((port + 1))" "$bench_work"
    bench_processes+=("$demo_server")
    flood_base=http://127.0.0.1:$port
    flood_measure
    end_process "$demo_server" 10
}

# Who is cut off in each frame of a flood, on 90,000 invented roads and, with the real files, on those of
# a city, beside pgRouting's components and ways.
bench_cutoff() {
    local roads=()
    say "Who is cut off"
    if [ -n "${DIABAN_DATA:-}" ]; then roads=(--roads "$DIABAN_DATA/osm/amsterdam_roads.fgb.zip"); fi
    "$home/build/release/bench/cutoff_bench" --database "$demo_uri" "${roads[@]}" --lines "$bench_lines" \
        2>>"$logs/cutoff.log" || fail "the benchmark of who is cut off failed: $(last_words "$logs/cutoff.log")"
}

flood_load() {
    local blobs=$1 state=$bench_work area=hatinh diaban=$home/build/release/diaban demo_blobs=$1
    local record=(--database "$(cluster_uri diaban_flood)" --home "$home" --blobs "$blobs")
    demo_uri=$(cluster_uri diaban_flood)
    ask postgres -c "create database diaban_flood template template0 encoding 'UTF8'"
    step "Migrating" flood-migrate.log "$diaban" migrate --database "$demo_uri" --home "$home"
    import_plans "Loading the files" flood-load.log "$DIABAN_DATA" "$home/data/demo/$area"/*.toml
    generate_rest "$area" "$DIABAN_DATA"
    load_rules
    step "Generating ground of 30 m" flood-ground.log "$diaban" generate terrain --cell 30 \
        --communes "$DIABAN_DATA/admin/hatinh_communes_2025_full.fgb" \
        --rivers "$DIABAN_DATA/hydro/rivers_gms_vn_bbox.fgb" -o "$bench_work/fine.tif"
    step "Loading it" flood-fine.log "$diaban" import "${record[@]}" "$bench_work/fine.tif" --coverage fine --synthetic
    step "Preparing it" flood-prepare.log "$diaban" process "${record[@]}" terrain-prepare \
        --inputs '{"terrain": "fine", "stream_km2": 3}'
    step "Generating a lowland of 10 m" flood-lowland.log "$home/build/release/bench/inundation_bench" \
        --ground "$bench_work/lowland.tif"
    step "Loading it" flood-lowland.log "$diaban" import "${record[@]}" "$bench_work/lowland.tif" --coverage lowland --synthetic
    ask diaban_flood -c 'analyze'
}

# flood_job PROCESS INPUTS   asks for a job; its id.
flood_job() {
    curl -sf --max-time 10 -H 'Content-Type: application/json' -H 'Prefer: respond-async' -d "{\"inputs\": $2}" \
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

# flood_ask PROCESS INPUTS   seconds from asking to the results, in the same answer, which is kept.
flood_ask() {
    local from status
    from=$(date +%s%N)
    status=$(curl -s --max-time 30 -o "$bench_work/results" -w '%{http_code}' -H 'Content-Type: application/json' \
        -d "{\"inputs\": $2}" "$flood_base/processes/$1/execution")
    [ "$status" = 200 ] || fail "$1 answers $status: $(head -c 300 "$bench_work/results")"
    since "$from"
    echo
}

# flood_exposure INPUTS [TIMES]   the slowest of some times.
flood_exposure() {
    local i
    for ((i = 0; i < ${2:-1}; i++)); do flood_ask exposure "$1"; done | sort -n | tail -1
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

# The 200 generated cameras nearest to the city: which of them see a place some steps before each, and
# how often they see every cell of 10 m of the city and its surroundings, and every facility there.
flood_cameras() {
    local id from
    say "Cameras"
    ask diaban_flood -c "delete from record.cameras where fid not in (select fid from record.cameras
        order by geom <-> ST_SetSRID(ST_MakePoint(105.9, 18.35), 4326) limit 200)"
    sleep 2
    line "cameras that see a point, of 200, slowest of 200 points" "$(flood_seen)" 100 ms "the bar" "<= 100 ms"
    from=$(date +%s%N)
    id=$(flood_job camera-coverage '{"terrain": "fine", "bbox": [105.75, 18.2, 106.05, 18.5], "cell": 10, "of": "facilities"}')
    flood_await "$id"
    line "coverage and gaps of 200 cameras on 10 M cells of 10 m, as a job" "$(since "$from")" 0 s "" ""
}

# The slowest answer in milliseconds, of a point 40 m in front of each camera.
flood_seen() {
    ask diaban_flood -c "select format('lon=%s&lat=%s', round(ST_X(p)::numeric, 7), round(ST_Y(p)::numeric, 7))
        from (select ST_Project(geom::geography, 40, radians(coalesce(azimuth, 0)))::geometry as p from record.cameras) as near" |
        while read -r at; do
            curl -sf --max-time 10 -o /dev/null -w '%{time_total}\n' "$flood_base/cameras/seeing?$at&terrain=fine"
        done | sort -n | awk 'END { printf "%.1f", $1 * 1000 }'
}

# flood_storm TIMES   seconds for the swath of 40 km beside Bualoi's forecast track: communes, people, schools, hospitals,
# cameras; the slowest of some times. That parts sum to totals is held here, too.
flood_storm() {
    local i inputs='{"swath": 40000, "level": 8, "collections": ["facilities", "cameras"], "fixes": [
        {"at": "2025-09-27T21:00:00Z", "lon": 110.2, "lat": 16.2, "wind_ms": 34.8},
        {"at": "2025-09-28T09:00:00Z", "lon": 107.6, "lat": 17.5, "wind_ms": 37},
        {"at": "2025-09-28T21:00:00Z", "lon": 105.2, "lat": 18.9, "wind_ms": 24.5}]}'
    for ((i = 0; i < $1; i++)); do
        flood_ask storm "$inputs"
        jq -e '(.parts | length > 60) and ([.parts[].people.affected // 0] | add) == .total.people.affected and
            ([.parts[].collections.facilities.count] | add) == .total.collections.facilities.count and
            ([.parts[].collections.cameras.count] | add) == .total.collections.cameras.count' "$bench_work/results" >/dev/null ||
            fail "the parts of the swath do not sum to its total"
    done | sort -n | tail -1
}

flood_measure() {
    local shape id from frames=0 coverage time level='{"hazard": {"coverage": "fine_hand", "to": 2}}'
    say "Terrain"
    line "catchment, slowest of 20" "$(flood_gets 20 '/coverages/fine/catchment?lon=105.9&lat=18.35&snap=5000')" 200 ms "the bar" "<= 200 ms"
    line "tile of heights, slowest of 20" "$(flood_gets 20 /coverages/fine/tiles/terrarium/11/1626/918.png)" 0 ms "" ""
    flood_cameras
    say "Exposure"
    line "the same for the first time, features laid on the grid" "$(flood_exposure "$level")" 0 s "" ""
    line "level +2 m over $(flood_land) M cells of land: exposure, slowest of 5" \
        "$(flood_exposure "$level" 5)" 1 s "the bar" "<= 1 s"
    line "level +6 m, slowest of 5" \
        "$(flood_exposure '{"hazard": {"coverage": "fine_hand", "to": 6}}' 5)" 1 s "the bar" "<= 1 s"
    shape='{"type": "Polygon", "coordinates": [[[105.7, 18.2], [106.0, 18.2], [105.9, 18.45], [105.7, 18.2]]]}'
    line "a polygon: parcels in it, by commune" \
        "$(flood_exposure "{\"hazard\": {\"polygon\": $shape}, \"collections\": [\"parcels\"]}")" \
        "$(flood_postgis "$shape")" s "PostGIS, one statement" ""
    say "Storm"
    line "swath of 40 km of Bualoi: communes, people, schools, hospitals, cameras, slowest of 5" "$(flood_storm 5)" 2 s "the bar" "<= 2 s"
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
    line "exposure of a frame, slowest of 5" \
        "$(flood_exposure "{\"hazard\": {\"coverage\": \"$coverage\", \"datetime\": \"$time\"}}" 5)" 1 s "the bar" "<= 1 s"
    from=$(date +%s%N)
    id=$(flood_job inundation '{"terrain": "lowland", "bbox": [104.9, 18.8, 105.2, 19.1], "hours": 6, "frame_minutes": 10, "rain": 30,
        "releases": [{"geometry": {"type": "Point", "coordinates": [105.05, 18.95]}, "discharge": [[0, 0], [20, 200]]}]}')
    flood_await "$id"
    line "1 M cells of 10 m, six hours of rain, as a job, with its 36 frames" "$(since "$from")" 60 s "the bar" "<= 60 s"
}

# Cells of the ground that are land, in millions.
flood_land() {
    ask diaban_flood -c "select round((sum(ST_Area(geom::geography)) / 900 / 1e6)::numeric, 1) from record.places
        where level = 'commune' and valid_to is null and province_code = '42'"
}
