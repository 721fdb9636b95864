# shellcheck shell=bash
# ./run bench landuse: classes of 60 M cells in 400 communes. Sourced by bench.sh.

# Ours by exact shares of cells, from the file; GRASS by centres of cells, from its own copies, which it
# takes first; SAGA's grid statistics for polygons likewise.
bench_landuse() {
    local tool="$home/build/release/bench/landuse_bench" work=$bench_work/landuse grass_in grass_stats saga
    mkdir -p "$work"
    step "Generating 60 M cells and 400 communes" landuse.log "$tool" --make --raster "$work/cover.tif" --zones "$work/communes.geojson"
    say "Ours"
    "$tool" --raster "$work/cover.tif" >"$work/ours" 2>>"$logs/landuse.log" || fail "the benchmark of land use failed: $(last_words "$logs/landuse.log")"
    say "GRASS"
    cat >"$work/in.sh" <<SH
set -e
r.in.gdal -o --quiet input=$work/cover.tif output=cover
g.region raster=cover
v.in.ogr -o --quiet input=$work/communes.geojson output=communes
v.to.rast --quiet input=communes output=zones use=attr attribute_column=commune type=area memory=2000
SH
    cat >"$work/stats.sh" <<SH
set -e
g.region raster=cover
r.stats -a --quiet input=zones,cover output=$work/grass.txt
SH
    grass -c EPSG:32648 -e "$work/location" >>"$logs/landuse.log" 2>&1 || fail "GRASS makes no location"
    grass_in=$(seconds grass.log grass "$work/location/PERMANENT" --exec bash "$work/in.sh")
    grass_stats=$(seconds grass.log grass "$work/location/PERMANENT" --exec bash "$work/stats.sh")
    say "SAGA"
    ogr2ogr "$work/communes.shp" "$work/communes.geojson"
    saga=$(seconds saga.log saga_cmd shapes_grid 2 -GRIDS "$work/cover.tif" -POLYGONS "$work/communes.shp" \
        -RESULT "$work/saga.shp" -METHOD 0 -COUNT 1 -MEAN 1)
    ours() { awk -F '\t' -v key="$1" -v column="$2" '$1 == key { print $column }' "$work/ours"; }
    line "60 M cells by class and commune, one thread" "$(ours 1 2)" "$grass_stats" s "GRASS r.stats, centres, zones made before" ""
    line "the same, two threads" "$(ours 2 2)" "$(awk -v a="$grass_in" -v b="$grass_stats" 'BEGIN { print a + b }')" \
        s "GRASS, from the files" "<= 60 s"
    line "the same" "$(ours 2 2)" "$saga" s "SAGA, mean by polygon, centres" ""
    line "its memory at the most" "$(ours 2 4)" 0 MB "" ""
    line "until it stops when told to" "$(ours stop 2)" 0 s "" "<= 1 s"
    rm -rf "$work"
}
