# shellcheck shell=bash
# ./run bench load: what maps ask, sent when it is due at rising rates to the knee and to twice that, with the
# server on one core and on all; then ten thousand live clients on one node. Sourced by bench.sh.

bench_load() {
    local output=$state/bench cores figures places=$bench_work/places.tsv
    figures=$bench_work/load.json
    bench_parcels_are_there
    ask diaban_bench -F $'\t' -c "select fid, round(st_x(p)::numeric, 6), round(st_y(p)::numeric, 6) from (select fid,
        st_pointonsurface(geom) as p from record.parcels tablesample system (0.1) repeatable (1) limit 2000) as them" >"$places"
    : >"$figures"
    for cores in $([ "$(nproc)" -gt 1 ] && echo 1) "$(nproc)"; do load_of_cores "$cores"; done
    load_crowd
    mkdir -p "$output"
    cp "$figures" "$output/load.json"
    load_plot "$figures" >"$output/load.svg"
    say "Figures and picture: $output/load.json, $output/load.svg"
}

# The server on so many cores; the one who asks on another where there is one.
load_of_cores() {
    local cores=$1 port all client
    all=0-$(($(nproc) - 1))
    client=$all
    if [ "$cores" -lt "$(nproc)" ]; then client=$cores-$(($(nproc) - 1)); fi
    port=$(free_port 18800)
    taskset -cp "0-$((cores - 1))" $$ >/dev/null # the server inherits it
    bench_serve load "$port"
    taskset -cp "$all" $$ >/dev/null
    say "Mixed traffic at rising rates, server on $cores of $(nproc) cores"
    taskset -c "$client" "$home/build/release/bench/load_bench" --port "$port" --session "$home/tests/bench/map_session.tsv" \
        --places "$places" --cores "$cores" --json "$figures" ${DIABAN_LOAD_SECONDS:+--seconds "$DIABAN_LOAD_SECONDS"} \
        2>>"$logs/load.log" || fail "the benchmark of load failed: $(last_words "$logs/load.log")"
    end_process "$demo_server" 10
    load() { jq -r --arg what "$1" --argjson cores "$cores" "select(.what == \$what and .cores == \$cores) | $2" "$figures" | tail -n 1; }
    line "mixed traffic, $cores cores: the knee" "$(load knee .goodput)" 0 /s "" ""
    line "its answers, $cores cores, p50" "$(load knee .p50_ms)" 0 ms "" ""
    line "its answers, $cores cores, p99" "$(load knee .p99_ms)" 0 ms "" "<= 250 ms"
    line "answered at twice the knee, $cores cores" "$(load past .goodput)" "$(load knee .goodput)" /s "at the knee" ">= 0.80"
    line "answers there, $cores cores, p99" "$(load past .p99_ms)" 0 ms "" ""
    line "refused there with 503, $cores cores" "$(load past .refused)" 0 /s "" ""
    line "of them without Retry-After, $cores cores" "$(load past .without_retry_after)" 0 "" "" "0"
    line "not answered there in 5 s, or wrongly, $cores cores" "$(load past .failed)" 0 /s "" "0"
    line "as before again at half the knee, $cores cores" "$(load recovery .seconds)" 0 s "" "<= 5 s"
}

# A client is two sockets of this machine, and each needs a port of its own.
load_crowd() {
    local port clients=${DIABAN_LOAD_CLIENTS:-10000}
    ulimit -n "$(ulimit -Hn)"
    [ "$(ulimit -n)" = unlimited ] || [ "$(ulimit -n)" -gt $((clients + 1000)) ] ||
        fail "$clients live clients need as many open files; the bound here is $(ulimit -n) (ulimit -Hn)"
    port=$(free_port 18820)
    bench_serve crowd "$port"
    say "$clients live clients on one node"
    "$home/build/release/bench/crowd_bench" --database "$demo_uri" --port "$port" --live-port "$((port + 1))" \
        --clients "$clients" --lines "$bench_lines" --json "$figures" 2>>"$logs/crowd.log" ||
        fail "the benchmark of live clients failed: $(last_words "$logs/crowd.log")"
    end_process "$demo_server" 10
}

# load_plot FILE   answered, refused and lost, and p99, by what was asked: an SVG.
load_plot() {
    local file=$1 cores rows=$bench_work/load-rows first=1
    for cores in $(jq -r 'select(.what == "step") | .cores' "$file" | sort -nu); do
        [ "$first" = 1 ] || printf '\n\n'
        first=0
        jq -r --argjson cores "$cores" 'select(.cores == $cores and (.what == "step" or .what == "past")) |
            "\(.offered) \(.goodput) \(.refused + .failed) \(.p99_ms)"' "$file" | sort -g
    done >"$rows"
    gnuplot - <<PLOT
set terminal svg size 900,640 font 'Noto Sans,13' background '#ffffff'
set multiplot layout 2,1
set key left top
set grid
set xlabel 'asked, requests a second'
set ylabel 'answered a second'
names = '$(jq -r 'select(.what == "step") | .cores' "$file" | sort -nu | tr '\n' ' ')'
plot for [i=0:words(names)-1] '$rows' index i using 1:2 with linespoints lw 2 title word(names, i+1).' cores: answered', \
     for [i=0:words(names)-1] '$rows' index i using 1:3 with linespoints dt 2 title word(names, i+1).' cores: turned away', \
     x with lines lc rgb '#999999' title 'all'
set ylabel 'p99 of answers, ms'
set logscale y
plot for [i=0:words(names)-1] '$rows' index i using 1:4 with linespoints lw 2 title word(names, i+1).' cores'
PLOT
}
