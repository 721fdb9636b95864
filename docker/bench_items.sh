# shellcheck shell=bash
# ./run bench items: features as text, beside the other side's writers. Sourced.

# Pages far from the first; items as GeoJSON page by page and as an export, beside ogr2ogr and
# ST_AsGeoJSON of the same rows, three times in turn. All files lie in memory where it is large
# enough: what is compared is the making of text, not the disk.
bench_items() {
    local port round count=300000 pages=() whole=() ogr=() sql=() columns target folder=$bench_work
    if [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 2000000 ]; then
        folder=$(mktemp -d /dev/shm/diaban-bench-XXXXXX)
        bench_folders+=("$folder")
    fi
    target=$folder/items.geojson
    bench_parcels_are_there
    port=$(free_port 18360)
    bench_serve items "$port"
    say "Pages of items"
    "$home/build/release/bench/items_bench" --port "$port" --lines "$bench_lines" || fail "the benchmark of pages failed"
    columns=$(ask diaban_bench -c "select string_agg(quote_ident(column_name), ', ') from information_schema.columns
        where table_schema = 'record' and table_name = 'parcels' and column_name in (select name from diaban.field
        where collection = 'parcels' and not personal)")
    for round in 1 2 3; do
        say "Items as GeoJSON, round $round of 3"
        pages+=("$("$home/build/release/bench/items_bench" --port "$port" --items "$count")")
        whole+=("$(a_second 1000000 "$(seconds items.log "$home/build/release/diaban" export --collection parcels \
            -o "$target" --database "$demo_uri" --home "$home")")")
        ogr+=("$(a_second "$count" "$(seconds items.log ogr2ogr -f GeoJSON "$target" -limit "$count" \
            "PG:host=$cluster_sockets user=postgres dbname=diaban_bench" -sql "select fid, $columns, geom from record.parcels")")")
        rm -f "$target"
        sql+=("$(a_second "$count" "$(seconds items.log ask diaban_bench -o "$target" -c "copy (select ST_AsGeoJSON(one.*)
            from (select fid, $columns, geom from record.parcels limit $count) as one) to stdout")")")
        rm -f "$target"
    done
    end_process "$demo_server" 10
    line "items as GeoJSON, page by page" "$(median "${pages[@]}")" "$(median "${ogr[@]}")" items/s ogr2ogr ">= 2"
    line "items as GeoJSON, page by page" "$(median "${pages[@]}")" "$(median "${sql[@]}")" items/s ST_AsGeoJSON ">= 2"
    line "items as GeoJSON, an export" "$(median "${whole[@]}")" "$(median "${ogr[@]}")" items/s ogr2ogr ">= 2"
    line "items as GeoJSON, an export" "$(median "${whole[@]}")" "$(median "${sql[@]}")" items/s ST_AsGeoJSON ">= 2"
}
