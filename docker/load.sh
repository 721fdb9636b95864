# shellcheck shell=bash
# Loading the demo area, once: real files of Hà Tĩnh where a data folder is given, or else a generated
# province on the real coast and rivers. Sourced.

demo_uri=

# load_demo DATA FOLDER   DATA is the folder of real files, or empty; FOLDER keeps the blobs, as demo_serve has
# it. Sets demo_uri.
#
# Each area has its database. What was loaded is written on the database itself, as its comment, so
# that it cannot outlive it: the plans, this recipe, and the size and time of the files they name.
load_demo() {
    demo_blobs=$2/blobs
    local data=$1 area=hatinh plans identity
    if [ -z "$data" ]; then
        area=nature
        data=$state/nature
        gather_nature "$data"
    fi
    demo_uri=$(cluster_uri "diaban_$area")
    plans=("$home/data/demo/$area"/*.toml)
    identity=$(load_identity "$data" "$home/data/demo"/generated*.toml "${plans[@]}")
    if ! database_exists "diaban_$area"; then
        ask postgres -c "create database diaban_$area template template0 encoding 'UTF8'"
    fi
    step "Migrating the database" migrate.log "$home/build/release/diaban" migrate --database "$demo_uri" \
        --home "$home"
    [ "$(ask "diaban_$area" -c "select shobj_description(oid, 'pg_database') from pg_database
        where datname = 'diaban_$area'")" != "$identity" ] || return 0
    need_room 1500 "$state"
    step "Loading the catalogue of indicators" catalogue.log "$home/build/release/diaban" import \
        "$home/data/indicators/catalogue.csv" --collection indicator_catalogue --mode upsert --key code \
        --database "$demo_uri" --home "$home"
    load_calendar
    load_rules
    load_wall
    import_plans "Loading the files" load.log "$data" "${plans[@]}"
    generate_rest "$area" "$data"
    if [ "$area" = hatinh ]; then
        step "Loading river gauges" gauges.log ask diaban_hatinh -1 -f "$home/data/sensors/gauges.sql"
        step "Loading a border gate" gauges.log ask diaban_hatinh -1 -f "$home/data/sensors/gates.sql"
    fi
    ask "diaban_$area" -c 'analyze' -c "comment on database diaban_$area is '$identity'"
}

# load_scene NAME   what a guided tour stands on and the area has not; nothing for most.
load_scene() {
    local file=$home/data/scenes/$1.sql
    [ -f "$file" ] || return 0
    step "Loading what is of the exercise $1" scene.log ask diaban_hatinh -1 -f "$file"
}

# Days on which clocks stand, and what service can score.
load_calendar() {
    local collection key
    for collection in holidays:day service_scores:part; do
        key=${collection#*:} collection=${collection%:*}
        step "Loading $collection" calendar.log "$home/build/release/diaban" import \
            "$home/data/indicators/$collection.csv" --collection "$collection" --mode upsert --key "$key" \
            --database "$demo_uri" --home "$home"
    done
}

# Scales and rules about hazards, as dated rows.
load_rules() {
    local file
    for file in "$home"/data/hazards/*.csv; do
        step "Loading $(basename "$file" .csv)" rules.log "$home/build/release/diaban" import "$file" \
            --collection "$(basename "$file" .csv)" --mode replace --database "$demo_uri" --home "$home"
    done
}

# The wall of the demo, and what can be put on it.
load_wall() {
    local part
    for part in walls:walls scenes:wall_scenes; do
        step "Loading the wall: ${part%:*}" wall.log "$home/build/release/diaban" import \
            "$home/data/walls/${part%:*}.csv" --collection "${part#*:}" --mode replace \
            --database "$demo_uri" --home "$home"
    done
}

load_identity() {
    local data=$1 file
    shift
    {
        cat "$@" "$home"/data/indicators/*.csv "$home"/data/hazards/*.csv "$home"/data/sensors/*.sql "$home"/data/walls/*.csv "$home/docker/load.sh" "$home/docker/nature.sh"
        sed -n 's/^file = "\(.*\)"$/\1/p' "$@" | sort -u | while read -r file; do
            stat -L -c '%n %s %Y' "$data/$file" 2>/dev/null || printf '%s is not there\n' "$file"
        done
    } | sha1sum | cut -c1-40
}

# import_plans STEP LOG DATA PLAN…
import_plans() {
    local name=$1 log=$2 data=$3 plan flags=()
    shift 3
    for plan in "$@"; do flags+=(--plan "$plan"); done
    step "$name" "$log" "$home/build/release/diaban" import --database "$demo_uri" --home "$home" \
        --data "$data" "${flags[@]}"
}

# Synthetic rest: parcels, streets, facilities, cameras, reports, population and, without real files,
# the outlines of the units themselves. Written as files first, then imported like any other.
generate_rest() {
    local area=$1 data=$2 folder=$state/generated from
    rm -rf "$folder"
    if [ "$area" = hatinh ]; then
        from=(--communes "$data/admin/hatinh_communes_2025_full.fgb" --rivers "$data/hydro/rivers_gms_vn_bbox.fgb")
    else
        from=(--coast "$data/coast.txt" --rivers "$data/rivers.txt" --units "$data/units.csv" --province 42)
    fi
    step "Generating what has no source" generate.log "$home/build/release/diaban" generate province \
        "${from[@]}" -o "$folder"
    import_plans "Loading what was generated" load-generated.log "$folder" \
        "$home/data/demo/generated-$area.toml" "$home/data/demo/generated.toml"
    generate_terrain "$area" "$data" "$folder"
    rm -rf "$folder"
}

# Ground, which no source has for the province, and what is known of water on it: coverages.
generate_terrain() {
    local area=$1 data=$2 folder=$3 from diaban=$home/build/release/diaban
    local record=(--database "$demo_uri" --home "$home" --blobs "$demo_blobs")
    if [ "$area" = hatinh ]; then
        from=(--communes "$data/admin/hatinh_communes_2025_full.fgb" --rivers "$data/hydro/rivers_gms_vn_bbox.fgb")
    else
        from=(--communes "$folder/places.fgb" --where "level = 'commune'" --rivers "$data/rivers.txt")
    fi
    step "Generating terrain" generate-terrain.log "$diaban" generate terrain "${from[@]}" -o "$folder/terrain.tif"
    step "Loading terrain" load-terrain.log "$diaban" import "${record[@]}" "$folder/terrain.tif" \
        --coverage terrain --synthetic --title "Địa hình giả lập" --title-en "Generated terrain"
    step "Preparing terrain" prepare-terrain.log "$diaban" process "${record[@]}" terrain-prepare \
        --inputs '{"terrain": "terrain", "stream_km2": 3}'
}
