# shellcheck shell=bash
# ./run bench geocode, places: names of units, and a loaded province over HTTP. Want the real files
# (DIABAN_DATA). Sourced by bench.sh.

# Names of all units of both lists, typed with an error, beside PostgreSQL's trigrams. Needs the real
# files (DIABAN_DATA).
bench_geocode() {
    local uri
    if [ -z "${DIABAN_DATA:-}" ]; then
        say "Names of units: passed over, DIABAN_DATA is not set"
        return 0
    fi
    uri=$(cluster_uri diaban_names)
    ask postgres -c "create database diaban_names template template0 encoding 'UTF8'"
    step "Loading the units" names.log "$home/build/release/diaban" migrate --database "$uri" --home "$home"
    step "Loading the units" names.log "$home/build/release/diaban" import --database "$uri" --home "$home" \
        --data "$DIABAN_DATA" --plan "$home/data/demo/hatinh/1-places.toml"
    say "Names of units"
    "$home/build/release/bench/geocode_bench" --database "$uri" --lines "$bench_lines" ||
        fail "the benchmark of names failed"
}

# Names, positions and files of places of the demo's own province, a second after its server is ready.
bench_places() {
    local port state=$bench_work area=hatinh demo_blobs=$bench_work/places/blobs
    [ -n "${DIABAN_DATA:-}" ] || { say "Places: passed over, DIABAN_DATA is not set"; return 0; }
    demo_uri=$(cluster_uri diaban_places)
    ask postgres -c "create database diaban_places template template0 encoding 'UTF8'"
    step "Migrating" places.log "$home/build/release/diaban" migrate --database "$demo_uri" --home "$home"
    step "Loading the catalogue" places.log "$home/build/release/diaban" import \
        "$home/data/indicators/catalogue.csv" --collection indicator_catalogue --mode upsert --key code \
        --database "$demo_uri" --home "$home"
    import_plans "Loading the files" places.log "$DIABAN_DATA" "$home/data/demo/$area"/*.toml
    generate_rest "$area" "$DIABAN_DATA"
    ask diaban_places -c 'analyze'
    port=$(free_port 18420)
    mkdir -p "$bench_work/places"
    DIABAN_LOG_LEVEL=warn demo_serve "$port" "$((port + 1))" "$bench_work/places"
    bench_processes+=("$demo_server")
    sleep 1
    say "Names, positions, files of places"
    "$home/build/release/bench/places_bench" --database "$demo_uri" --port "$port" --lines "$bench_lines" ||
        fail "the benchmark of places failed"
    end_process "$demo_server" 10
    demo_uri=$(cluster_uri diaban_bench)
}
