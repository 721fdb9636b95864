# shellcheck shell=bash
# ./run bench: ours beside the other side's, measured in one run on one machine, against a database
# with every promise kept (fsync on). One table; a line is
#   what, ours, the other side's, unit, who the other side is, how many times, what is wanted
# separated by tabs, from whichever program measures it. Sourced.

# shellcheck source=docker/bench_pyramid.sh
. "$home/docker/bench_pyramid.sh"
# shellcheck source=docker/bench_budget.sh
. "$home/docker/bench_budget.sh"
# shellcheck source=docker/bench_flood.sh
. "$home/docker/bench_flood.sh"
# shellcheck source=docker/bench_heat.sh
. "$home/docker/bench_heat.sh"
# shellcheck source=docker/bench_history.sh
. "$home/docker/bench_history.sh"
# shellcheck source=docker/bench_items.sh
. "$home/docker/bench_items.sh"
# shellcheck source=docker/bench_landuse.sh
. "$home/docker/bench_landuse.sh"
# shellcheck source=docker/bench_load.sh
. "$home/docker/bench_load.sh"
# shellcheck source=docker/bench_places.sh
. "$home/docker/bench_places.sh"
# shellcheck source=docker/bench_seed.sh
. "$home/docker/bench_seed.sh"
# shellcheck source=docker/bench_sensors.sh
. "$home/docker/bench_sensors.sh"
# shellcheck source=docker/bench_size.sh
. "$home/docker/bench_size.sh"
# shellcheck source=docker/bench_wall.sh
. "$home/docker/bench_wall.sh"

bench_work="" bench_lines=""
bench_processes=()
bench_folders=() # elsewhere than in bench_work

run_bench() {
    local known=(import commits edits tiles pyramid seed follow live http filters questions items policies secrets terrain inundation flood cutoff
        topology land landuse geocode places heat viewshed fences sensors wall budget)
    local names=("$@") name
    if [ "$*" = --plot ]; then
        bench_plot
        return
    fi
    [ $# -gt 0 ] || names=("${known[@]}")
    for name in "${names[@]}"; do
        declare -F "bench_$name" >/dev/null || fail "there is no benchmark \"$name\" (${known[*]} size)"
    done
    "$home/docker/install.sh" build record console check bench
    mkdir -p "$state" 2>/dev/null || fail_for_room "$state"
    need_room 8000 "$state"
    if [ "${names[*]}" = budget ]; then build_program release diaban; else build_program release diaban tests/bench/all; fi
    build_console

    bench_work=$(mktemp -d "$state/bench-XXXXXX")
    chmod 711 "$bench_work"
    bench_lines=$bench_work/lines
    : >"$bench_lines"
    logs=$bench_work/log
    mkdir -p "$logs"
    trap bench_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
    if [ "${names[*]}" != budget ]; then bench_ground; fi
    for name in "${names[@]}"; do "bench_$name"; done
    bench_table
    bench_keep
}

# A database with every promise kept, and a million parcels as a file.
bench_ground() {
    cluster_open "$bench_work" "$(mktemp -d "$(sockets_above)/diaban-bench-XXXXXX")" durable
    demo_uri=$(cluster_uri diaban_bench)
    ask postgres -c "create database diaban_bench template template0 encoding 'UTF8'"
    step "Migrating" migrate.log "$home/build/release/diaban" migrate --database "$demo_uri" --home "$home"
    step "Generating 1,000,000 parcels" parcels.log "$home/build/release/diaban" generate parcels \
        --count 1000000 --vertices 17 -o "$bench_work/parcels.fgb"
}

sockets_above() { if am_root; then printf /run; else printf '%s' "${XDG_RUNTIME_DIR:-/tmp}"; fi; }

bench_end() {
    local code=$? pid
    trap '' INT TERM HUP
    end_step
    for pid in "${bench_processes[@]}"; do end_process "$pid" 10; done
    cluster_close
    if [ -n "$cluster_sockets" ]; then rm -rf "$cluster_sockets"; fi
    rm -rf "$bench_work" "${bench_folders[@]}"
    exit "$code"
}

# line WHAT OURS THEIRS UNIT WHO WANTED   times: how many times better ours is; smaller is better
# for seconds, larger for answers a second.
line() {
    local times
    times=$(awk -v ours="$2" -v theirs="$3" -v unit="$4" 'BEGIN {
        if (ours <= 0 || theirs <= 0) print "-"
        else printf "%.2f", (unit ~ /\/s$/) ? ours / theirs : theirs / ours }')
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" "$times" "$6" >>"$bench_lines"
}

# seconds LOG COMMAND…   how long it takes; its output goes to the log.
seconds() {
    local log=$logs/$1 before after
    shift
    before=$(date +%s%N)
    "$@" >>"$log" 2>&1 </dev/null || fail "$(basename "$1") failed: $(last_words "$log")"
    after=$(date +%s%N)
    awk -v ns=$((after - before)) 'BEGIN { printf "%.2f", ns / 1e9 }'
}

lesser() { awk -v a="$1" -v b="$2" 'BEGIN { print (a == "" || b < a) ? b : a }'; }

# A million parcels from FlatGeobuf into PostGIS, each side twice in turn, the better of each. Ours
# checks every geometry and keeps history and feed; ogr2ogr with COPY does neither.
bench_import() {
    local ours='' theirs='' round
    for round in 1 2; do
        say "Import, round $round of 2"
        theirs=$(lesser "$theirs" "$(seconds ogr2ogr.log ogr2ogr -f PostgreSQL \
            "PG:host=$cluster_sockets user=postgres dbname=diaban_bench" "$bench_work/parcels.fgb" \
            -nln public.parcels_ogr -overwrite -lco GEOMETRY_NAME=geom --config PG_USE_COPY YES)")
        ours=$(lesser "$ours" "$(seconds import.log "$home/build/release/diaban" import \
            "$bench_work/parcels.fgb" --collection parcels --mode replace \
            --database "$demo_uri" --home "$home")")
    done
    ask diaban_bench -c 'drop table if exists public.parcels_ogr'
    line "import of 1,000,000 parcels" "$ours" "$theirs" s "ogr2ogr, COPY" ">= 0.67"
}

bench_parcels_are_there() {
    [ "$(ask diaban_bench -c 'select count(*) from (select from record.parcels limit 1) as one')" = 1 ] ||
        step "Loading the parcels" import.log "$home/build/release/diaban" import \
            "$bench_work/parcels.fgb" --collection parcels --mode replace --database "$demo_uri" --home "$home"
}

# bench_serve FOLDER PORT   a server of the parcels, when it has kept them on disk and is calm.
bench_serve() {
    mkdir -p "$bench_work/$1"
    DIABAN_LOG_LEVEL=warn demo_serve "$2" "$(($2 + 1))" "$bench_work/$1"
    bench_processes+=("$demo_server")
    until [ -s "$bench_work/$1/segments/parcels.segment" ]; do sleep 0.1; done
}

# Short transactions of 16 clients on rows of their own, every promise kept: with the feed's trigger, and
# without it for comparison, three times in turn.
bench_commits() {
    local first with=() without=() round script=$bench_work/commit.sql
    bench_parcels_are_there
    first=$(ask diaban_bench -c 'select min(fid) from record.parcels')
    cat >"$script" <<'SQL'
\set fid :first + random(0, 60000) * 16 + :client_id
update record.parcels set area_m2 = random() * 1000 where fid = :fid;
SQL
    for round in 1 2 3; do
        say "Commits, round $round of 3"
        with+=("$(commits_a_second "$script" "$first")")
        ask diaban_bench -c 'alter table record.parcels disable trigger feed'
        without+=("$(commits_a_second "$script" "$first")")
        ask diaban_bench -c 'alter table record.parcels enable trigger feed'
    done
    line "commits of 16 clients, with the feed" "$(median "${with[@]}")" "$(median "${without[@]}")" \
        commits/s "without the feed's trigger" ">= 4000/s"
}

commits_a_second() {
    ask diaban_bench -c checkpoint
    "$cluster_tools/pgbench" -n -c 16 -j "$(nproc)" -T 8 -M prepared -D "first=$2" -f "$1" \
        "$(cluster_uri diaban_bench)" 2>>"$logs/pgbench.log" | awk '/^tps/ { printf "%.0f", $3 }'
}

# Edits of 16 clients over HTTP, each on rows of its own, from the state it read until the map shows it,
# beside the same rows' UPDATEs by pgbench, three times in turn.
bench_edits() {
    local port first round ours=() theirs=() script=$bench_work/edit.sql
    bench_parcels_are_there
    first=$(ask diaban_bench -c 'select min(fid) from record.parcels')
    cat >"$script" <<'SQL'
\set fid :first + random(0, 199) * 16 + :client_id
update record.parcels set area_m2 = random() * 1000 where fid = :fid;
SQL
    port=$(free_port 18310)
    bench_serve edits "$port"
    for round in 1 2 3; do
        say "Edits over HTTP, round $round of 3"
        theirs+=("$(commits_a_second "$script" "$first")")
        ask diaban_bench -c checkpoint
        ours+=("$("$home/build/release/bench/edit_bench" --database "$demo_uri" --port "$port" \
            2>>"$logs/edits.log")") || fail "no edits: $(last_words "$logs/edits.log")"
    done
    line "edits of 16 clients over HTTP, shown" "$(median "${ours[@]}")" "$(median "${theirs[@]}")" \
        edits/s "pgbench UPDATE, not awaited" ""
    end_process "$demo_server" 10
}

# Cold tiles at every native zoom against ST_AsMVT, and the loading of the mirror.
bench_tiles() {
    bench_parcels_are_there
    say "Tiles against ST_AsMVT"
    "$home/build/release/bench/diaban_bench" --database "$demo_uri" --lines "$bench_lines" ||
        fail "the tile benchmark failed"
}

# Typical filters on a million rows of the evaluator's own, one thread; cold tiles under filters, at
# native zooms and below.
bench_filters() {
    say "Filters on a million rows"
    "$home/build/release/bench/filter_bench" --lines "$bench_lines" || fail "the filter benchmark failed"
    "$home/build/release/bench/filtered_tiles_bench" --lines "$bench_lines" ||
        fail "the benchmark of filtered tiles failed"
}

# What is near, how many, which values: from the mirror and by SQL, of the same million rows.
bench_questions() {
    bench_parcels_are_there
    say "Questions beside PostGIS"
    "$home/build/release/bench/question_bench" --database "$demo_uri" --lines "$bench_lines" ||
        fail "the benchmark of questions failed"
}

# Whether the time of an answer tells of rows that the asker may not know.
bench_secrets() {
    local port
    bench_parcels_are_there
    port=$(free_port 18360)
    bench_serve secrets "$port"
    say "Times of answers about hidden rows"
    "$home/build/release/bench/secrets_bench" --port "$port" --database "$demo_uri" --lines "$bench_lines" ||
        fail "the benchmark of secrets failed"
    ask diaban_bench -c "delete from record.parcels where sensitivity = 5 or parcel_number = 7000000" >/dev/null
    end_process "$demo_server" 10
}

# a_second COUNT SECONDS
a_second() { awk -v n="$1" -v s="$2" 'BEGIN { printf "%.0f", n / s }'; }

# How soon a commit is on the map at one node and at two, how long a node takes to be ready again, and
# how steady the tiles of a small layer are while a large one is imported.
bench_follow() {
    local port second before plots=$bench_work/plots.fgb tool="$home/build/release/bench/follow_bench" calm busy
    bench_parcels_are_there
    step "Generating 50,000 more" plots.log "$home/build/release/diaban" generate parcels --count 50000 --vertices 17 -o "$plots"
    step "Loading them" plots-import.log "$home/build/release/diaban" import "$plots" --collection plots --create \
        --mode replace --database "$demo_uri" --home "$home"
    port=$(free_port 18320)
    bench_serve one "$port"
    say "Commit to fresh tile"
    bench_settled
    "$tool" --database "$demo_uri" --ports "$port" --wanted "<= 60 ms" --lines "$bench_lines" follow || fail "no tile became fresh"
    second=$(free_port $((port + 2)))
    end_process "$demo_server" 10
    before=$(date +%s%N)
    DIABAN_LOG_LEVEL=warn demo_serve "$port" "$((port + 1))" "$bench_work/one"
    bench_processes+=("$demo_server")
    line "a node of 1,000,000 parcels ready again" "$(awk -v ns=$(($(date +%s%N) - before)) 'BEGIN { printf "%.2f", ns / 1e9 }')" \
        0 s "" ""
    bench_serve two "$second"
    bench_settled
    "$tool" --database "$demo_uri" --ports "$port,$second" --wanted "<= 150 ms" --lines "$bench_lines" follow || fail "no tile became fresh"
    end_process "$demo_server" 10
    say "Tiles of another layer beside an import"
    calm=$("$tool" --database "$demo_uri" --ports "$port" --collection plots --what calm latency | awk -F '\t' '/^calm/ { print $2 }')
    "$home/build/release/diaban" import "$bench_work/parcels.fgb" --collection parcels --mode replace \
        --database "$demo_uri" --home "$home" >"$logs/beside.log" 2>&1 &
    bench_processes+=("$!")
    busy=$("$tool" --database "$demo_uri" --ports "$port" --collection plots --seconds 40 --what busy latency | awk -F '\t' '/^busy/ { print $2 }')
    wait "${bench_processes[-1]}" || fail "the import beside the tiles failed"
    line "p99 of another layer's tiles beside an import" "$busy" "$calm" ms "the same, calm" ">= 0.50"
}

# What loading left to be written is on the disk: else it stands before the commits that are measured.
bench_settled() {
    ask diaban_bench -c checkpoint
    sync
}

# How soon a commit is told to 500 who watch a part of it, beside pg_notify; and beside 10,000 who watch
# something else.
bench_live() {
    local port
    bench_parcels_are_there
    port=$(free_port 18340)
    bench_serve live "$port"
    say "Commit to event"
    "$home/build/release/bench/live_bench" --database "$demo_uri" --port "$port" --live-port "$((port + 1))" \
        --lines "$bench_lines" || fail "the benchmark of the live channel failed"
    end_process "$demo_server" 10
}

# Parcels found among a million, and a million renumbered.
bench_land() {
    bench_parcels_are_there
    say "Parcels of the register"
    "$home/build/release/bench/land_bench" --database "$demo_uri" --lines "$bench_lines" || fail "the benchmark of parcels failed"
}

# Every fault of a coverage of a million parcels, beside PostGIS's overlaps of the same parcels alone.
bench_topology() {
    say "Faults among a million parcels"
    "$home/build/release/bench/topology_bench" --database "$demo_uri" --lines "$bench_lines" 2>>"$logs/topology.log" ||
        fail "the benchmark of topology failed: $(last_words "$logs/topology.log")"
}

# Drainage of 16 million generated cells: ours in memory, theirs with the files that they read and write.
# First of all, ours and theirs must be the same ground when filled.
bench_terrain() {
    local tool="$home/build/release/bench/terrain_bench" work=$bench_work/terrain ours saga_fill saga_rest grass watershed
    mkdir -p "$work"
    say "Generated ground"
    "$tool" --rounds 1 --ground "$work/ground.tif" >/dev/null 2>>"$logs/terrain.log" || fail "no ground: $(last_words "$logs/terrain.log")"
    say "SAGA"
    saga_fill=$(seconds saga.log saga_cmd ta_preprocessor 4 -ELEV "$work/ground.tif" -MINSLOPE 0 -FILLED "$work/saga.sgrd")
    saga_rest=$(seconds saga.log saga_cmd ta_hydrology 0 -ELEVATION "$work/saga.sgrd" -METHOD 0 -FLOW "$work/flow.sgrd")
    gdal_translate -q "$work/saga.sdat" "$work/saga.tif"
    say "GRASS r.terraflow"
    cat >"$work/grass.sh" <<SH
set -e
r.in.gdal -o --quiet input=$work/ground.tif output=ground
g.region raster=ground
r.terraflow --overwrite elevation=ground filled=filled direction=way swatershed=basin accumulation=flow tci=index memory=2000 directory=$work stats=$work/stats.txt
r.out.gdal -c -f --overwrite --quiet input=filled output=$work/grass.tif format=GTiff type=Float32
SH
    grass=$(seconds grass.log grass --tmp-location EPSG:3405 --exec bash "$work/grass.sh")
    say "GRASS, in memory"
    cat >"$work/watershed.sh" <<SH
set -e
r.in.gdal -o --quiet input=$work/ground.tif output=ground
g.region raster=ground
r.watershed --overwrite -s elevation=ground accumulation=flow drainage=way memory=4000
SH
    watershed=$(seconds grass.log grass --tmp-location EPSG:3405 --exec bash "$work/watershed.sh")
    say "Ours"
    "$tool" --filled "$work/saga.tif" --filled "$work/grass.tif" >"$work/ours" 2>>"$logs/terrain.log" ||
        fail "filled otherwise than by others: $(last_words "$logs/terrain.log")"
    ours() { awk -F '\t' -v threads="$1" -v column="$2" '$1 == threads { print $column }' "$work/ours"; }
    line "16 M cells filled, one thread" "$(ours 1 2)" "$saga_fill" s "SAGA, with its files" "<= 2.25 s"
    line "16 M cells filled and accumulated" "$(awk -v a="$(ours 2 2)" -v b="$(ours 2 3)" -v c="$(ours 2 4)" 'BEGIN { print a + b + c }')" \
        "$(awk -v a="$saga_fill" -v b="$saga_rest" 'BEGIN { print a + b }')" s "SAGA, with its files" ""
    line "the same, two threads, with HAND" "$(ours 2 6)" "$grass" s "GRASS r.terraflow, its files" "<= 6 s"
    line "the same" "$(ours 2 6)" "$watershed" s "GRASS r.watershed, without HAND" "<= 6 s"
    line "its processor time" "$(ours 2 7)" 0 s "" ""
    line "upstream of a point, the largest: cells" "$(ours upstream 3)" 0 ms "" "<= 200 ms"
    line "the same as a polygon" "$(ours upstream 4)" 0 ms "" ""
    rm -rf "$work"
}

# Cells of moving water computed a second on one thread and on two, a million of them for six hours, and
# the Environment Agency's Test 4. The other side are the figures of plain C++ that are to be beaten.
bench_inundation() {
    local work=$bench_work/water
    say "Moving water"
    "$home/build/release/bench/inundation_bench" >"$work" 2>>"$logs/water.log" ||
        fail "the benchmark of moving water failed: $(last_words "$logs/water.log")"
    water() { awk -F '\t' -v what="$1" -v threads="$2" -v column="$3" '$1 == what && $2 == threads { print $column }' "$work"; }
    line "cells of water, one thread" "$(water speed 1 5)" 300 Mcells/s "the bar" ">= 300/s"
    line "the same by processor time" "$(water speed 1 6)" 300 Mcells/s "the bar" ""
    line "cells of water, two threads" "$(water speed 2 5)" 470 Mcells/s "the bar" ">= 470/s"
    line "Test 4 on a 5 m grid, 20,000 s" "$(water "test 4" 2 3)" 1.8 s "the bar" "<= 1.8 s"
    line "1 M cells of 10 m, six hours" "$(water long 2 3)" 60 s "the bar" "<= 60 s"
    line "its largest depth" "$(water long 2 7)" 0 m "" "<= 5 m"
    line "its balance's error, of all water" "$(water long 2 8)" 0 "" "" "<= 1e-6"
}

# One cached tile of about 50 KB, ours against a bare handler with the same body, three times in turn.
bench_http() {
    local port bare_port tile=$bench_work/tile.mvt path ours=() theirs=() round threads
    bench_parcels_are_there
    port=$(free_port 18300)
    bare_port=$(free_port $((port + 2)))
    DIABAN_LOG_LEVEL=warn demo_serve "$port" "$((port + 1))" "$bench_work"
    bench_processes+=("$demo_server")
    path=$(bench_tile_near "$port" 50000 "$tile")
    threads=$(nproc)
    "$home/build/release/bench/bare_pistache" "$bare_port" "$tile" "$threads" >"$logs/bare.log" 2>&1 &
    bench_processes+=("$!")
    until port_is_busy "$bare_port"; do sleep 0.05; done
    say "HTTP: $path, $(stat -c %s "$tile") bytes"
    for round in 1 2 3; do
        say "HTTP, round $round of 3"
        theirs+=("$(answers_a_second "http://127.0.0.1:$bare_port/")")
        ours+=("$(answers_a_second "http://127.0.0.1:$port$path")")
    done
    line "cached tile of $(($(stat -c %s "$tile") / 1000)) KB over HTTP" "$(median "${ours[@]}")" \
        "$(median "${theirs[@]}")" answers/s "bare Pistache" ">= 0.90"
}

# A hundred people with tokens, all of one policy class and each of a class of their own, who see the same
# rows: tiles that each class has asked for before, and pages of items, three times in turn.
bench_policies() {
    local port round kind one=() many=() script=$bench_work/ask.lua
    bench_parcels_are_there
    ask diaban_bench -c "
        with made as (insert into diaban.role (name) select 'bench-' || i from generate_series(1, 100) i returning name)
        insert into diaban.role_grant (role, collection, action, everywhere, level)
        select name, 'parcels', 'read', true, split_part(name, '-', 2)::int from made;
        insert into diaban.account (login) select k || i from generate_series(1, 100) i, unnest('{one,many}'::text[]) k;
        insert into diaban.account_role (login, role)
        select 'one' || i, 'bench-1' from generate_series(1, 100) i union all
        select 'many' || i, 'bench-' || i from generate_series(1, 100) i;
        insert into diaban.token (sha256, login, scopes, expires_at)
        select encode(sha256(login::bytea), 'hex'), login, '{read}', now() + interval '1 day' from diaban.account
        where login ~ '^(one|many)[0-9]+$'" >/dev/null
    cat >"$script" <<'LUA'
local paths = {}
for line in io.lines(os.getenv("BENCH_PATHS")) do paths[#paths + 1] = line end
local who, number = os.getenv("BENCH_WHO"), 0
request = function()
    number = number + 1
    return wrk.format("GET", paths[1 + number % #paths], {
        ["Authorization"] = "Bearer " .. who .. (1 + math.floor(number / #paths) % 100),
        ["Connection"] = "keep-alive", ["Accept-Encoding"] = "identity"})
end
LUA
    port=$(free_port 18360)
    bench_serve policies "$port"
    policy_places >"$bench_work/places.tsv"
    awk '{ printf "/tiles/parcels/14/%d/%d.mvt\n", $1, $2 }' "$bench_work/places.tsv" >"$bench_work/paths-of-tiles"
    awk '{ printf "/collections/parcels/items?limit=10&bbox=%s\n", $3 }' "$bench_work/places.tsv" >"$bench_work/paths-of-items"
    for kind in tiles items; do
        one=() many=()
        answers_by_policy "$port" many "$kind" >/dev/null # every class has its tiles
        for round in 1 2 3; do
            say "Policies: $kind, round $round of 3"
            one+=("$(answers_by_policy "$port" one "$kind")")
            many+=("$(answers_by_policy "$port" many "$kind")")
        done
        line "$kind for 100 policy classes" "$(median "${many[@]}")" "$(median "${one[@]}")" \
            answers/s "the same for one class" ">= 0.90"
    done
    end_process "$demo_server" 10
}

answers_by_policy() {
    BENCH_WHO=$2 BENCH_PATHS=$bench_work/paths-of-$3 wrk -t1 -c32 -d8s -s "$bench_work/ask.lua" "http://127.0.0.1:$1" |
        awk '/^Requests\/sec/ { print $2 } /Non-2xx|Socket errors/ { print > "/dev/stderr" }'
}

# Twenty places among the parcels: column and row of the tile at zoom 14, and a box around some of them.
policy_places() {
    ask diaban_bench -F ' ' -c "
        with rows as (select ST_PointOnSurface(geom) as p, ST_Transform(ST_PointOnSurface(geom), 3857) as at
                      from record.parcels tablesample system (0.05) repeatable (1))
        select distinct on (x, y) floor((ST_X(at) + 20037508.342789244) / 40075016.685578488 * 16384)::int as x,
               floor((20037508.342789244 - ST_Y(at)) / 40075016.685578488 * 16384)::int as y,
               format('%s,%s,%s,%s', ST_X(p) - 0.001, ST_Y(p) - 0.001, ST_X(p) + 0.001, ST_Y(p) + 0.001)
        from rows limit 20"
}

answers_a_second() {
    wrk -t1 -c32 -d5s -H 'Connection: keep-alive' -H 'Accept-Encoding: identity' "$1" |
        awk '/^Requests\/sec/ { print $2 } /Non-2xx|Socket errors/ { print > "/dev/stderr" }'
}

median() { printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# The tile of the parcels whose body is nearest to so many bytes; leaves it in a file, prints its path.
bench_tile_near() {
    local port=$1 wanted=$2 file=$3 path zoom x y size best='' best_off=
    while read -r zoom x y; do
        path=/tiles/parcels/$zoom/$x/$y.mvt
        size=$(curl -sf -H 'Accept-Encoding: identity' -o "$file.now" -w '%{size_download}' \
            "http://127.0.0.1:$port$path" || echo 0)
        local off=$((size > wanted ? size - wanted : wanted - size))
        if [ -z "$best_off" ] || [ "$off" -lt "$best_off" ]; then
            best=$path
            best_off=$off
            mv "$file.now" "$file"
        fi
    done < <(ask diaban_bench -F ' ' -c "
        with rows as (select ST_Transform(ST_PointOnSurface(geom), 3857) as at
                      from record.parcels tablesample system (0.02) repeatable (1))
        select distinct zoom, floor((ST_X(at) + 20037508.342789244) / 40075016.685578488 * 2 ^ zoom)::int,
               floor((20037508.342789244 - ST_Y(at)) / 40075016.685578488 * 2 ^ zoom)::int
        from rows, generate_series(13, 14) as zoom limit 60")
    printf '%s' "$best"
}

bench_table() {
    say ""
    awk -F '\t' '
        BEGIN { printf "%-44s %12s %12s  %-10s %-26s %9s  %s\n",
                       "what", "ours", "other", "unit", "other side", "times", "wanted" }
        { printf "%-44s %12s %12s  %-10s %-26s %9s  %s\n", $1, $2, $3, $4, $5, $6, $7 }' "$bench_lines"
}
