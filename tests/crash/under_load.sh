# shellcheck shell=bash
# A fault while a node is read and edited at a steady pace, and the table of what came of each. Wants home, folder, logs;
# sourced by staying_up.sh after nodes.sh.
#
#   ground                    a database with parcels, places and gauges, and a node on it that keeps segments
#   fault NAME WHAT           runs WHAT under the load, until all is well again; WHAT calls mended when the fault is over. One line: ok or FAILED; one row of the table
#   table                     prints the rows

# shellcheck disable=SC2034 # of nodes.sh and staying_up.sh
rows=()
reads=500
edits=100
server=
loader=
fresh=
sees_failures=0 # a fault that ends the node itself may leave reads without an answer
tells_age=0     # answers must tell how old they are meanwhile
says=           # what a line of the node's log must say of it
most_seconds=40
most_alike=3 # lines of the log that say the same

now_ms() { date +%s%3N; }
mended() { ended=$(now_ms); }

ground() {
    uri=$(cluster_uri diaban_up)
    ask postgres -c "create database diaban_up template template0 encoding 'UTF8'"
    "$program" migrate --database "$uri" --home "$home" >"$logs/migrate.log" 2>&1
    "$program" generate parcels --count 5000 --vertices 17 -o "$folder/parcels.fgb" >/dev/null 2>&1
    "$program" import "$folder/parcels.fgb" --collection parcels --mode replace --database "$uri" --home "$home" \
        >"$logs/import.log" 2>&1
    ask diaban_up -c "insert into record.observed_properties (name) values ('Mực nước');
        insert into record.places (code, level, kind, name, full_name, geom)
            select 'c' || i, 'commune', 'xã', 'Cẩm ' || i, 'Xã Cẩm ' || i,
                st_makeenvelope(105.3 + i / 100.0, 18.2, 105.31 + i / 100.0, 18.3, 4326) from generate_series(1, 8) i;
        insert into record.sensors (name, kind, geom) select 'Trạm ' || i, 'gauge', st_point(105.3 + i / 100.0, 18.3, 4326)
            from generate_series(1, 8) i;
        insert into record.datastreams (name, sensor, observed_property, unit_symbol)
            select 'Mực nước ' || i, i, 1, 'm' from generate_series(1, 8) i" -c 'vacuum analyze'
    start_node
}

start_node() {
    serve "$port" "$segments"
    server=$served
}

end_node() { # SIGNAL
    kill -s "$1" "$server"
    wait "$server" 2>/dev/null
}

warned() { tail -n "+$1" "$logs/serve-$port.log" | grep -E ' (warning|error|critical) '; }

# Lines of the node's log from one on that warn, and how often the most frequent of them comes when its numbers are left out.
warnings() {
    warned "$1" | sed -E 's/^[^ ]+ //; s/[0-9A-F]{6}|[0-9]+/N/g' | sort | uniq -c | sort -rn |
        awk '{ lines += $1; if ($1 > most) most = $1 } END { print lines + 0, most + 0 }'
}

# What a node started now shows of the same record.
compare_with_fresh() {
    local said code
    # Without the broker, which would take it for the node that it knows.
    DIABAN_MQTT='' serve "$fresh_port" none || { echo "no fresh node"; return 1; }
    fresh=$served
    followed diaban_up "$fresh_port" && said=$("${node_ground[@]}" "$tool" --database "$uri" compare "$port" "$fresh_port" | tail -n 1)
    code=$?
    kill "$fresh" && wait "$fresh" 2>/dev/null
    fresh=
    echo "${said:-no answer}"
    [ "$code" -eq 0 ] && [[ $said == *" 0 differ" ]]
}

# What `tell` says of a load, as variables of whoever calls.
told_of() { # TURNS
    "$tool" --database "$uri" tell --turns "$1" --end "$ended"
}

# Until reads of the record and edits that were sent after the fault are answered; and two seconds more.
await_recovery() { # TURNS
    local tries=150
    until told_of "$1" | awk -F= '/^(record|edits)_back_ms=/ && $2 >= 0 { well++ } END { exit well == 2 ? 0 : 1 }'; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
    sleep 2
}

fault() {
    local name=$1 act=$2 mark lost compared lines most key value bad='' started=$SECONDS
    local mirror mirror_failed mirror_slowest_ms record record_failed record_slowest_ms record_back_ms
    local edits_failed edits_slowest_ms edits_back_ms wrong oldest_s
    local turns=$logs/turns acknowledged=$logs/acknowledged
    rm -f "$turns" "$acknowledged"
    mark=$(($(wc -l <"$logs/serve-$port.log") + 1))
    ended=0
    "${node_ground[@]}" "$tool" --database "$uri" load "$port" --turns "$turns" --log "$acknowledged" --reads "$reads" \
        --edits "$edits" --seconds "$most_seconds" >>"$logs/load.log" 2>&1 &
    loader=$!
    until [ "$(wc -l 2>/dev/null <"$turns" || echo 0)" -gt 600 ]; do
        kill -0 "$loader" 2>/dev/null || { verdict FAILED "$name" "there is no load"; return 1; }
        sleep 0.05
    done
    "$act" || bad+=" it could not be done;"
    await_recovery "$turns" || bad+=" it did not recover;"
    kill -TERM "$loader" 2>/dev/null || bad+=" the load broke off;"
    wait "$loader" 2>/dev/null
    loader=
    followed diaban_up "$port" || bad+=" not followed within a minute;"
    lost=$("$tool" --database "$uri" weigh --log "$acknowledged") || bad+=" lost: $lost;"
    compared=$(compare_with_fresh) || bad+=" $compared;"
    while IFS='=' read -r key value; do local "$key=$value"; done < <(told_of "$turns")
    read -r lines most < <(warnings "$mark")
    [ "$wrong" -eq 0 ] || bad+=" $wrong answers that should not be;"
    [ "$sees_failures" -eq 1 ] || [ "$mirror_failed" -eq 0 ] || bad+=" $mirror_failed of $mirror reads of the mirror failed;"
    [ "$tells_age" -eq 0 ] || [ "$oldest_s" -ge 3 ] || bad+=" no answer tells its age;"
    [ -z "$says" ] || warned "$mark" | grep -qE "$says" || bad+=" the log does not say \"$says\";"
    [ "$most" -le "$most_alike" ] || bad+=" the log says $most times the same;"
    [ "$edits_slowest_ms" -le 12000 ] || bad+=" an edit took $edits_slowest_ms ms;"
    [ $((SECONDS - started)) -le "$most_seconds" ] || bad+=" it took $((SECONDS - started)) s;"
    verdict "$([ -z "$bad" ] && echo ok || echo FAILED)" "$name under load" "${bad:-$lost; $compared}"
    rows+=("$name|$mirror_failed of $mirror|$mirror_slowest_ms|$record_failed, $edits_failed|$oldest_s|$(
        sed -E 's/([0-9]+) changes and ([0-9]+) new rows acknowledged, ([0-9]+) missing, ([0-9]+) twice.*/\1 + \2: \3/' <<<"$lost"
    )|$record_back_ms|$edits_back_ms|$lines")
    [ -z "$bad" ]
}

table() {
    say ""
    say "Staying up: each fault under $reads reads/s (tiles, counts, search, readyz; items and /at from the record) and $edits edits/s."
    { echo "fault|mirror reads failed|slowest ms|503: record, edits|age told s|acknowledged (changes + new): lost|read back ms|edit back ms|warnings"
      printf '%s\n' "${rows[@]}"; } | column -t -s '|' -o ' | '
}
