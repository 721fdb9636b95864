# shellcheck shell=bash
# The line of ./run bench about archives. Sourced by bench.sh.

# A million parcels from the record into PMTiles, zooms from 10 to 14, beside ogr2ogr's MBTiles of the same
# zooms from the same table. Ours begins with an empty process: reading the table and building the mirror is
# part of it, and every tile shows every parcel from the native zoom up; ogr2ogr leaves out what is too much
# for a tile (500 KB, 200,000 features), is asked for a fifth of the parcels, and stopped after 400 s.
bench_seed() {
    local ours theirs bytes tiles file=$bench_work/seed.pmtiles few=$bench_work/seed-few.pmtiles
    local other=$bench_work/seed.mbtiles where="fid % 5 = 0"
    bench_parcels_are_there
    say "Seeding a million parcels"
    ours=$(seconds seed.log "$home/build/release/diaban" seed --collections parcels --zooms 0-14 \
        -o "$file" --database "$demo_uri" --home "$home")
    tiles=$(grep -o '[0-9]* tiles,' "$logs/seed.log" | tail -1 | grep -o '[0-9]*')
    bytes=$(stat -c %s "$file")
    say "$(tail -1 "$logs/seed.log")"
    line "seeding 1,000,000 parcels, zooms 0-14" "$ours" 0 s "nobody: $tiles tiles, $bytes bytes" "<= 60 s"
    say "Seeding 200,000 of them, and ogr2ogr, at most 400 s"
    ask diaban_bench -c "create table if not exists public.parcels_few as
        select fid, land_use, sheet, parcel_number, geom from record.parcels where $where"
    theirs=$(seconds ogr-mbtiles.log timeout 400 ogr2ogr -f MBTILES "$other" \
        "PG:host=$cluster_sockets user=postgres dbname=diaban_bench" public.parcels_few \
        -dsco MINZOOM=10 -dsco MAXZOOM=14 -nln parcels) || theirs=""
    step "Loading the fifth" seed-few.log sh -c "ogr2ogr -f FlatGeobuf '$bench_work/seed-few.fgb' \
        'PG:host=$cluster_sockets user=postgres dbname=diaban_bench' public.parcels_few -nln few &&
        '$home/build/release/diaban' import '$bench_work/seed-few.fgb' --collection parcels_few --create \
        --mode replace --database '$demo_uri' --home '$home'"
    ours=$(seconds seed-few.log "$home/build/release/diaban" seed --collections parcels_few --zooms 10-14 \
        -o "$few" --database "$demo_uri" --home "$home")
    ask diaban_bench -c 'drop table public.parcels_few'
    if [ -z "$theirs" ]; then
        line "seeding 200,000 parcels, zooms 10-14" "$ours" 0 s "ogr2ogr: not done after 400 s" ">= 1"
        return
    fi
    line "seeding 200,000 parcels, zooms 10-14" "$ours" "$theirs" s \
        "ogr2ogr MBTILES: $(stat -c %s "$other") bytes, ours $(stat -c %s "$few")" ">= 1"
}
