# shellcheck shell=bash
# ./run bench heat, viewshed, fences: density, hot spots, tiles of heat; what is seen from where; who is in
# which zone.
# Sourced by bench.sh.

# Density of a million points beside the plain sum, Gi* of a million cells, tiles over a million rows.
bench_heat() {
    say "Density and hot spots"
    "$home/build/release/bench/hotspot_bench" --lines "$bench_lines" || fail "the benchmark of hot spots failed"
    say "Tiles of heat"
    "$home/build/release/bench/heat_bench" --database "$demo_uri" --lines "$bench_lines" ||
        fail "the benchmark of heat failed"
}

# A million cells from a watcher in their middle. gdal_viewshed carries heights over from cell to cell, and
# so decides otherwise than lines of sight do: what it takes is told beside, what it sees is not compared.
bench_viewshed() {
    local ground=$bench_work/sight.tif ours theirs
    say "Viewshed"
    ours=$("$home/build/release/bench/hotspot_bench" --viewshed "$ground" 2>>"$logs/viewshed.log" | cut -f1)
    theirs=$(seconds viewshed.log gdal_viewshed -q -ox 515015 -oy 2084985 -oz 30 -md 0 "$ground" "$bench_work/sight-gdal.tif")
    line "viewshed of 1 M cells, every line of sight by itself" "$ours" "$theirs" s "gdal_viewshed, with its files" ""
}

# Five thousand vehicles a second among ten thousand zones.
bench_fences() {
    say "Fences"
    "$home/build/release/bench/fences_bench" --database "$demo_uri" --lines "$bench_lines" 2>>"$logs/fences.log" ||
        fail "the benchmark of fences failed"
}
