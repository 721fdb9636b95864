# shellcheck shell=bash
# The lines of ./run bench about tiles of every zoom. Sourced by bench.sh.

# Any tile at every zoom from 6 to 16, cold: beside ST_AsMVT over the rows, and over a table of the very
# features that low zooms show; what the mirror and its pyramid take; how soon low zooms follow edits of
# polygons and of lines; and all tiles of z0 to z14, beside tippecanoe where it is (DIABAN_TIPPECANOE or on
# PATH).
bench_pyramid() {
    bench_parcels_are_there
    say "Tiles of every zoom"
    "$home/build/release/bench/pyramid_bench" --database "$demo_uri" --lines "$bench_lines" ||
        fail "the benchmark of the pyramid failed"
    bench_low_edits
    bench_whole_pyramid
}

# Commits to low tiles over HTTP: parcels change their use, streets (half of the outlines of a fifth of the
# parcels) their course.
bench_low_edits() {
    local port streets=$bench_work/streets.fgb tool="$home/build/release/bench/follow_bench"
    step "Taking streets from the parcels" streets.log ogr2ogr -f FlatGeobuf "$streets" \
        "PG:host=$cluster_sockets user=postgres dbname=diaban_bench" -nln streets -sql \
        "select land_use as kind, st_linesubstring(st_exteriorring(geom), 0, 0.5) as geom from record.parcels where fid % 5 = 0"
    step "Loading them" streets-import.log "$home/build/release/diaban" import "$streets" --collection streets \
        --create --mode replace --database "$demo_uri" --home "$home"
    port=$(free_port 18360)
    mkdir -p "$bench_work/low"
    DIABAN_LOG_LEVEL=warn demo_serve "$port" "$((port + 1))" "$bench_work/low"
    bench_processes+=("$demo_server")
    until [ -s "$bench_work/low/segments/parcels.segment" ] && [ -s "$bench_work/low/segments/streets.segment" ]; do
        sleep 0.1
    done
    say "Commit to fresh low tile"
    "$tool" --database "$demo_uri" --ports "$port" --zoom 8 --rate 1 --threads 1 --wanted "<= 1000 ms" \
        --lines "$bench_lines" --set "land_use = case land_use when 'TSC' then 'LUC' else 'TSC' end" low ||
        fail "no low tile of parcels became fresh"
    "$tool" --database "$demo_uri" --collection streets --ports "$port" --zoom 8 --rate 1 --threads 1 \
        --wanted "<= 1000 ms" --lines "$bench_lines" --set "geom = st_linesubstring(geom, 0, 0.5)" low ||
        fail "no low tile of streets became fresh"
    end_process "$demo_server" 10
}

# Every tile of z0 to z14 from a file: a million parcels in at most a minute; tippecanoe's time, size and
# areas beside ours on a tenth of them, since it is not done with a million after 400 seconds.
bench_whole_pyramid() {
    local other=${DIABAN_TIPPECANOE:-$(command -v tippecanoe || true)} fewer=$bench_work/fewer.fgb took
    local flags=(--other-name "tippecanoe: not there")
    local tool="$home/build/release/bench/whole_pyramid_bench"
    say "All tiles of z0 to z14"
    "$tool" --parcels "$bench_work/parcels.fgb" --output "$bench_work/whole" --wanted "<= 60 s" \
        --lines "$bench_lines" || fail "the tiles of a million parcels failed"
    step "Generating 100,000 parcels" fewer.log "$home/build/release/diaban" generate parcels --count 100000 \
        --vertices 17 -o "$fewer"
    if [ -z "$other" ]; then
        say "tippecanoe: not there (DIABAN_TIPPECANOE or on PATH)"
    else
        say "tippecanoe, at most 400 s"
        took=$(seconds tippecanoe.log timeout 400 "$other" -q -Z0 -z14 -l parcels --coalesce-densest-as-needed \
            --no-tile-compression -f -e "$bench_work/tippecanoe" "$fewer") || true
        if [ -n "$took" ]; then
            flags=(--other-name tippecanoe --other "$bench_work/tippecanoe" --other-seconds "$took")
        else
            flags=(--other-name "tippecanoe: not done in 400 s")
        fi
    fi
    "$tool" --parcels "$fewer" --output "$bench_work/fewer" --areas "${flags[@]}" --lines "$bench_lines" ||
        fail "the tiles of 100,000 parcels failed"
}
