# shellcheck shell=bash
# ./run bench sensors: 5,000 observations a second for a minute, each batch committed before it is answered. Sourced by
# bench.sh.

bench_sensors() {
    local port figures=$bench_work/sensors.tsv stored
    bench_parcels_are_there
    ask diaban_bench -c "insert into record.observed_properties (name) values ('Mực nước');
        insert into record.sensors (name, kind, geom) select 'Trạm ' || i, 'gauge', st_point(105 + random(), 18 + random(), 4326)
            from generate_series(1, 5000) i;
        insert into record.datastreams (name, sensor, observed_property, unit_symbol) select 'Chuỗi ' || i, i, 1, 'm'
            from generate_series(1, 5000) i"
    port=$(free_port 18390)
    bench_serve sensors "$port"
    say "5,000 observations a second for 60 s"
    node "$home/tests/bench/sensors.mjs" "http://127.0.0.1:$port" 5000 60 5000 >"$figures" 2>>"$logs/sensors.log" ||
        fail "the benchmark of sensors failed: $(last_words "$logs/sensors.log")"
    stored=$(ask diaban_bench -c 'select count(*) from sensor.observation')
    sensors() { awk -F '\t' -v what="$1" -v column="$2" '$1 == what { print $column }' "$figures"; }
    say "sent $(sensors sent 2), acknowledged $(sensors acknowledged 2), stored $stored, batches sent again $(sensors again 2)"
    [ "$(sensors acknowledged 2)" = "$stored" ] || fail "what was acknowledged is not what is stored"
    line "observations acknowledged, durable" "$(awk -v n="$(sensors acknowledged 2)" -v s="$(sensors seconds 2)" \
        'BEGIN { printf "%.0f", n / s }')" 5000 /s "what is sent" ">= 0.98"
    line "a batch of 500 until it is acknowledged, median" "$(sensors latency 2)" 0 ms "" ""
    line "the same, 99 of 100" "$(sensors latency 3)" 0 ms "" ""
    end_process "$demo_server" 10
}
