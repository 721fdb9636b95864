# shellcheck shell=bash
# ./run demo --check: every vector layer is asked for tiles and items, as a client would, and the
# answers are held against PostGIS. Sourced.

check_base=
check_database=
check_faults=0

# check_all URL DATABASE   prints a table; ends with 1 if anything disagrees.
check_all() {
    local work id
    check_base=$1
    check_database=$2
    check_faults=0
    work=$(mktemp -d)
    curl -sf --max-time 10 "$check_base/collections" -o "$work/collections.json" ||
        fail "GET /collections does not answer"
    printf '%-18s %-8s %9s %9s %9s %5s %5s  %-22s %s\n' \
        collection geometry record items located zooms tiles "in tiles / in record" verdict
    while read -r id; do
        check_collection "$work" "$id"
    done < <(jq -r '.collections[].id' "$work/collections.json")
    say ""
    check_answer "places without diacritics" "/places?q=ha%20tinh&limit=1" '.places | length == 1'
    check_answer "where am I" "/at?lon=105.9&lat=18.34" '.places | length >= 1'
    check_answer "terrain and what is made of it" "/coverages" '.coverages | length >= 5'
    check_answer "styles" "/styles" '.styles | length >= 2'
    check_answer "landing page" "/" '.links | length >= 1'
    check_page "console" "/console/"
    check_page "metrics" "/metrics"
    rm -rf "$work"
    if [ "$check_faults" -gt 0 ]; then
        say "Check: $check_faults of the answers above are wrong."
        return 1
    fi
    say "Check: every layer serves tiles and items that agree with PostGIS."
}

# check_answer NAME PATH JQ   a JSON answer of which the condition holds.
check_answer() {
    local verdict=wrong
    if curl -sf --max-time 10 -H 'Accept: application/json' "$check_base$2" | jq -e "$3" >/dev/null 2>&1; then
        verdict=ok
    else
        check_faults=$((check_faults + 1))
    fi
    printf '%-28s %-34s %s\n' "$1" "$2" "$verdict"
}

check_page() {
    local verdict=wrong body
    # Read whole before it is judged: who stops reading early makes curl fail.
    if body=$(curl -sf --max-time 10 -H 'Accept: text/html, */*;q=0.5' "$check_base$2") && [ -n "$body" ]; then
        verdict=ok
    else
        check_faults=$((check_faults + 1))
    fi
    printf '%-28s %-34s %s\n' "$1" "$2" "$verdict"
}

# Rows of a collection and how many of them have geometry.
record_counts() {
    psql -X -q -A -t -F ' ' -d "$check_database" -c \
        "select count(*), count($([ "$2" = none ] && echo null::int || echo geom)) from record.\"$1\""
}

check_collection() {
    local work=$1 id=$2 geometry rows located matched api_located low native faults=() tiles=0 found=0 wanted=0
    geometry=$(jq -r --arg id "$id" '.collections[] | select(.id == $id) | .geometryType' "$work/collections.json")
    read -r rows located < <(record_counts "$id" "$geometry")
    read -r api_located low native < <(jq -r --arg id "$id" \
        '.collections[] | select(.id == $id) | "\(.located) \(.minzoom) \(.nativeZoom)"' "$work/collections.json")
    matched=$(curl -sf --max-time 20 "$check_base/collections/$id/items?limit=1" | jq -r '.numberMatched' 2>/dev/null || true)
    [ "${rows:-x}" = "${matched:-y}" ] || faults+=("items say ${matched:-nothing}")
    [ "$located" = "$api_located" ] || faults+=("located says $api_located")
    if [ "$geometry" != none ]; then
        curl -sf --max-time 10 "$check_base/tiles/$id.json" | jq -e '.vector_layers | length >= 1' >/dev/null 2>&1 ||
            faults+=("no TileJSON")
        if [ "${located:-0}" -gt 0 ]; then
            read -r tiles found wanted < <(check_tiles "$work" "$id" "$native")
            [ "$tiles" -gt 0 ] || faults+=("no tile with features")
            [ "$found" = "$wanted" ] || faults+=("$((wanted - found)) features missing in tiles")
        fi
    fi
    local verdict=ok
    if [ "${#faults[@]}" -gt 0 ]; then
        verdict=$(IFS=';'; printf 'wrong: %s' "${faults[*]}")
        check_faults=$((check_faults + 1))
    elif [ "$geometry" = none ]; then
        verdict="ok (no geometry)"
    elif [ "$located" = 0 ]; then
        verdict="ok (empty)"
    fi
    printf '%-18s %-8s %9s %9s %9s %5s %5s  %-22s %s\n' "$id" "$geometry" "$rows" "${matched:-?}" \
        "$located" "$([ "$geometry" = none ] || printf '%s-19' "$low")" "$tiles" "$found / $wanted" "$verdict"
}

# Three tiles that hold something, at the native zoom and deeper: every row that PostGIS finds in the
# tile must be in it. Prints tiles, features found, features wanted.
check_tiles() {
    local work=$1 id=$2 native=$3 zoom x y tiles=0 found=0 wanted=0 tile=$1/tile.mvt fids=$1/fids seen=$1/seen
    while read -r zoom x y; do
        curl -sf --max-time 20 -H 'Accept-Encoding: identity' -o "$tile" "$check_base/tiles/$id/$zoom/$x/$y.mvt" || continue
        [ -s "$tile" ] || continue
        tiles=$((tiles + 1))
        ogrinfo -ro -q -al -geom=NO "$tile" "$id" 2>/dev/null |
            sed -n 's/^ *mvt_id (Integer64) = //p; s/^ *mvt_id (Integer) = //p' | sort -u >"$seen"
        psql -X -q -A -t -d "$check_database" -c "
            with tile as (select ST_TileEnvelope($zoom, $x, $y) as square, 0.01 * (40075016.7 / 2 ^ $zoom) as rim)
            select fid from record.\"$id\", tile
            where geom && ST_Transform(square, 4326)
              and ST_Intersects(ST_Transform(geom, 3857), ST_Expand(square, -rim))" | sort -u >"$fids"
        wanted=$((wanted + $(wc -l <"$fids")))
        found=$((found + $(comm -12 "$fids" "$seen" | wc -l)))
    done < <(sample_tiles "$id" "$native")
    printf '%s %s %s\n' "$tiles" "$found" "$wanted"
}

# Tiles around the first, the middle and the last row: at the native zoom, halfway down, and at 17.
sample_tiles() {
    psql -X -q -A -t -F ' ' -d "$check_database" -c "
        with located as (
            select ST_Transform(ST_PointOnSurface(geom), 3857) as at, row_number() over (order by fid) as n,
                   count(*) over () as total
            from record.\"$1\" where geom is not null and ST_YMax(geom) < 85 and ST_YMin(geom) > -85),
        chosen as (select at, case when n = 1 then $2 when n = total then 17 else ($2 + 19) / 2 end as zoom
                   from located where n in (1, (total + 1) / 2, total))
        select distinct zoom, floor((ST_X(at) + 20037508.342789244) / 40075016.685578488 * 2 ^ zoom)::int,
               floor((20037508.342789244 - ST_Y(at)) / 40075016.685578488 * 2 ^ zoom)::int
        from chosen"
}
