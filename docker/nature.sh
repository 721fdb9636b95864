# shellcheck shell=bash
# Real geography for a demo without data: the coast and the rivers (no borders) from Debian's package
# gmt-gshhg-full, which only gmt reads, and the names and codes of units from npm's dvhcvn. Both are
# fetched by the machine that runs the demo and are no part of Diaban (GSHHG: LGPL; dvhcvn: GPL-3.0).
# Sourced.
#
#   gather_nature FOLDER   leaves there units.csv, and coast and rivers twice: as gmt dumps
#                          them (.txt) and as lines joined again (.fgb, EPSG:4326)

gather_nature() {
    local folder=$1
    [ ! -s "$folder/.gathered" ] || return 0
    mkdir -p "$folder" 2>/dev/null || fail_for_room "$folder"
    step "Reading the coast" nature-coast.log nature_lines "$folder" coast -W1
    step "Reading the rivers" nature-rivers.log nature_lines "$folder" rivers -Ia
    step "Fetching the names of units" nature-units.log fetch_units "$folder"
    date -u +%FT%TZ >"$folder/.gathered"
}

# nature_lines FOLDER NAME WHAT   gmt dumps lines cut at the edges of its bins.
nature_lines() (
    set -o pipefail
    local folder=$1 name=$2 what=$3 work
    work=$(mktemp -d) || return 1
    trap 'rm -rf "$work"' EXIT
    cd "$work" || return 1 # gmt leaves files of its own where it runs
    GMT_USERDIR=$work gmt coast -R102/118/7/24 -Df "$what" -M >"$name.txt" || return 1
    [ -s "$name.txt" ] || { echo "gmt gave no $name" >&2; return 1; }
    awk -v name="$name" '
        function flush() { if (points > 1) print head line "]}}" }
        /^>/ { flush(); points = 0; line = ""; last = ""; level = $NF
               head = "{\"type\":\"Feature\",\"properties\":{\"level\":" level \
                      "},\"geometry\":{\"type\":\"LineString\",\"coordinates\":["; next }
        NF >= 2 { at = "[" $1 "," $2 "]"
                  if (at != last) { line = line (points++ ? "," : "") at; last = at } }
        END { flush() }' "$name.txt" >"$name.geojsonl" || return 1
    ogr2ogr -f FlatGeobuf "$folder/$name.fgb" "GeoJSONSeq:$name.geojsonl" -nln "$name" \
        -explodecollections -nlt LINESTRING -dialect sqlite \
        -sql "SELECT level, ST_LineMerge(ST_Collect(geometry)) AS geometry FROM \"$name\" GROUP BY level" &&
        mv "$name.txt" "$folder/"
)

# dvhcvn as the table of an official list, which `kind = "units"` of an import plan reads.
fetch_units() (
    set -o pipefail
    local folder=$1
    npm install --prefix "$folder/npm" --ignore-scripts --no-fund --no-audit --no-save dvhcvn@1.2.20250301 ||
        return 1
    cd "$folder/npm" || return 1
    node -e '
        const { level1s } = require("dvhcvn");
        const cell = text => /[",]/.test(text) ? JSON.stringify(text) : text;
        console.log("ward_code,ward,district_code,district,province_code,province");
        for (const province of level1s)
            for (const district of province.children)
                for (const ward of district.children.length ? district.children : [{ id: "", name: "" }])
                    console.log([ward.id, ward.name, district.id, district.name, province.id, province.name]
                        .map(cell).join(","));
    ' >"$folder/units.csv.part" || return 1
    mv "$folder/units.csv.part" "$folder/units.csv"
)
