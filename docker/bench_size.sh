# shellcheck shell=bash
# ./run bench size: one machine from 100,000 to 10,000,000 parcels (DIABAN_BENCH_SIZE: at most so many).
# Not among the benchmarks that run unasked: 10,000,000 take some fifteen minutes and 16 GB of disk.
# Leaves size.json and size.svg in the state folder's bench. Sourced by bench.sh.

bench_size() {
    local most=${DIABAN_BENCH_SIZE:-10000000} rows steps=() output=$state/bench points=$bench_work/points
    for rows in 100000 300000 1000000 3000000 10000000; do
        if [ "$rows" -le "$most" ]; then steps+=("$rows"); fi
    done
    [ "${#steps[@]}" -ge 2 ] || fail "DIABAN_BENCH_SIZE is at least 300000"
    need_room $((steps[-1] / 600 + 2000)) "$bench_work"
    mkdir -p "$output"
    : >"$points"
    for rows in "${steps[@]}"; do size_of "$rows" >>"$points" || exit 1; done
    jq -s . "$points" >"$output/size.json"
    size_plot "$output"
    size_lines "$output/size.json" "${steps[-1]}"
    say "The curve: $output/size.json and $output/size.svg"
}

# size_of ROWS   one point of the curve as a line of JSON: as many parcels to the square kilometre as a
# million have around Hà Tĩnh, in a database of their own.
size_of() {
    local rows=$1 folder=$bench_work/size port demo_uri parcels=$bench_work/size.fgb box loading importing started dropped
    box=$(awk -v n="$rows" 'BEGIN { k = sqrt(n / 1e6) / 2; printf "%.6f,%.6f,%.6f,%.6f", 106 - 1.5 * k, 18 - 0.9 * k, 106 + 1.5 * k, 18 + 0.9 * k }')
    demo_uri=$(cluster_uri diaban_size)
    {
        say "$rows parcels"
        ask postgres -c "create database diaban_size template template0 encoding 'UTF8'"
        step "Migrating" migrate.log "$home/build/release/diaban" migrate --database "$demo_uri" --home "$home"
        step "Generating them" parcels.log "$home/build/release/diaban" generate parcels --count "$rows" --vertices 17 --box "$box" -o "$parcels"
        importing=$(seconds import.log "$home/build/release/diaban" import "$parcels" --collection parcels \
            --mode replace --database "$demo_uri" --home "$home")
        rm -f "$parcels"
        ask diaban_size -c 'vacuum analyze' -c checkpoint
        mkdir -p "$folder"
        port=$(free_port 18980)
        loading=$(size_start "$port" "$folder")
        until [ -s "$folder/segments/parcels.segment" ]; do sleep 0.2; done
        loading=$(jq -c --argjson memory "$(size_memory "$(cat "$folder/serve.pid")")" '. + {memory: $memory}' <<<"$loading")
        size_stop "$folder"
        started=$(size_start "$port" "$folder")
        size_stop "$folder"
        dd if="$folder/segments/parcels.segment" of=/dev/null iflag=nocache count=0 status=none
        dropped=$(size_start "$port" "$folder")
        say "Asking"
    } >&2
    "$home/build/release/bench/size_bench" --database "$demo_uri" --port "$port" --process "$(cat "$folder/serve.pid")" \
        --segment "$folder/segments/parcels.segment" 2>>"$logs/size.log" |
        jq -c --argjson rows "$rows" --argjson importing "$importing" --argjson loading "$loading" \
            --argjson started "$started" --argjson dropped "$dropped" \
            '{rows: $rows, import_s: $importing, load: $loading, start: $started, start_from_disk: $dropped} + .' ||
        fail "the benchmark of size failed: $(last_words "$logs/size.log")"
    size_stop "$folder"
    rm -rf "$folder"
    ask postgres -c 'drop database diaban_size' >&2
}

# size_start PORT FOLDER   a server; prints how long until it is ready and until low zooms are drawn.
size_start() {
    local before ready
    before=$(date +%s%N)
    DIABAN_LOG_LEVEL=warn demo_serve "$1" "$(($1 + 1))" "$2" >&2
    ready=$(date +%s%N)
    until curl -s "http://127.0.0.1:$1/metrics" | grep -q '^diaban_pyramid_bytes{collection="parcels"}'; do sleep 0.05; done
    curl -s "http://127.0.0.1:$1/metrics" | awk -F '[ {]' -v before="$before" -v ready="$ready" -v drawn="$(date +%s%N)" '
        /^diaban_(mirror|pyramid)_bytes{collection="parcels"}/ { bytes[$1] = $NF }
        END { printf "{\"ready_s\": %.2f, \"drawn_s\": %.2f, \"mirror_bytes\": %d, \"pyramid_bytes\": %d}\n",
                     (ready - before) / 1e9, (drawn - before) / 1e9, bytes["diaban_mirror_bytes"], bytes["diaban_pyramid_bytes"] }'
}

size_stop() { end_process "$(cat "$1/serve.pid")" 60; }

# What a process holds, in MB, as JSON.
size_memory() {
    awk '/^VmHWM/ { most = $2 } /^VmRSS/ { resident = $2 } /^RssAnon/ { own = $2 } /^RssFile/ { mapped = $2 }
        END { printf "{\"most\": %d, \"resident\": %d, \"own\": %d, \"mapped\": %d}", most * 1.024 / 1e3,
                     resident * 1.024 / 1e3, own * 1.024 / 1e3, mapped * 1.024 / 1e3 }' "/proc/$1/status"
}

size_lines() {
    local file=$1 rows=$2 name
    name="$(numfmt --grouping "$rows" 2>/dev/null || printf '%s' "$rows") parcels"
    figure() { jq -r ".[-1]$1" "$file"; }
    line "$name: resident after a cold start" "$(figure .memory_at_start.resident)" 0 MB "" "<= 4000 MB"
    line "$name: resident after 10,000 tiles" "$(figure .memory_after_tiles.resident)" 0 MB "" "<= 4000 MB"
    line "of it not mapped from the segment" "$(figure .memory_after_tiles.own)" 0 MB "" ""
    line "$name: most while loading" "$(figure .load.memory.most)" 0 MB "" ""
    line "$name: loaded and drawn" "$(figure .load.drawn_s)" 0 s "" ""
    line "$name: ready from the segment" "$(figure .start.ready_s)" 0 s "" ""
    line "$name: the same, segment on disk only" "$(figure .start_from_disk.ready_s)" 0 s "" ""
    line "bytes a feature in the segment" "$(jq -r '.[-1] | .segment_bytes / .rows | round' "$file")" 0 B "" ""
    local what label
    while IFS=: read -r what label; do
        line "$label, p99, beside $(jq -r '.[0].rows' "$file") rows" "$(figure ".$what.p99")" "$(jq -r ".[0].$what.p99" "$file")" \
            ms "the smallest" "$([[ $what != cold_tile_* || $what == *disk ]] || printf '<= 20 ms')"
    done <<'WHAT'
cold_tile_native:cold tile at the native zoom
cold_tile_above:cold tile at higher zooms
cold_tile_low:cold tile at low zooms
cold_tile_from_disk:cold tile, segment not in memory
search_by_number:parcel by sheet and number
nearest_ten:ten nearest
items_page_in_box:page of items in a box
items_page:first page of items
count_by_filter_in_box:count by filter in a box
count_by_filter_of_all:count by filter of all
edit_to_visible:edit to fresh tile
edit_to_visible_low:edit to fresh low tile
WHAT
}

# size_plot FOLDER   size.json as a picture: medians full, p99 dashed.
size_plot() {
    local folder=$1
    jq -r '.[] | [.rows, .cold_tile_native.p50, .cold_tile_native.p99, .cold_tile_above.p50, .cold_tile_above.p99,
        .search_by_number.p50, .nearest_ten.p50, .items_page_in_box.p50, .count_by_filter_in_box.p50,
        .count_by_filter_of_all.p50, .edit_to_visible.p50, .edit_to_visible_low.p50, .start.ready_s * 1e3,
        .memory_after_tiles.resident] | @tsv' "$folder/size.json" >"$bench_work/size.tsv"
    gnuplot <<PLOT
set terminal svg size 960,640 font "Noto Sans,12" background "white"
set output "$folder/size.svg"
set title "Costs on one machine by the number of parcels"
set logscale xy
set xlabel "parcels"
set ylabel "milliseconds (resident: MB)"
set grid
set key outside right
file = "$bench_work/size.tsv"
plot file u 1:2 w lp t "cold tile, native zoom, p50", file u 1:3 w lp dt 2 t "the same, p99", \
     file u 1:4 w lp t "cold tile above it, p50", file u 1:5 w lp dt 2 t "the same, p99", \
     file u 1:6 w lp t "parcel by number", file u 1:7 w lp t "ten nearest", \
     file u 1:8 w lp t "page of items in a box", file u 1:9 w lp t "count by filter in a box", \
     file u 1:10 w lp t "count by filter of all", file u 1:11 w lp t "edit to fresh tile", \
     file u 1:12 w lp t "edit to fresh low tile", file u 1:13 w lp t "start from segment", \
     file u 1:14 w lp lw 2 t "resident, MB"
PLOT
}
