# shellcheck shell=bash
# ./run bench wall: nine pages of a browser as one wall, on this machine. Sourced by bench.sh.

# The bars are those of the switch call; what is painted is told, its bar is for machines with a GPU.
bench_wall() {
    local port figures=$bench_work/wall.figures
    bench_parcels_are_there
    "$home/docker/install.sh" test
    install_modules "$home/tests/browser"
    load_wall
    port=$(free_port 18380)
    bench_serve wall "$port"
    say "Nine pages as one wall"
    DIABAN_URL=http://127.0.0.1:$port node "$home/tests/browser/wall_bench.mjs" 10 >"$figures" 2>>"$logs/wall-pages.log" ||
        fail "the benchmark of the wall failed: $(last_words "$logs/wall-pages.log")"
    wall() { awk -F '\t' -v what="$1" -v column="$2" '$1 == what { print $column }' "$figures"; }
    line "nine screens call the switch within, median" "$(wall switch 2)" 100 ms "the bar" "<= 100 ms"
    line "the same, worst of thirty" "$(wall switch 3)" 100 ms "the bar" "<= 100 ms"
    line "painted within, median (no GPU)" "$(wall paint 2)" 0 ms "" ""
    line "scene looked at before: from the word to the last switch, median" "$(wall foreseen 2)" 1000 ms "the bar" "<= 1000 ms"
    line "the same, worst of twenty" "$(wall foreseen 3)" 1000 ms "the bar" "<= 1000 ms"
    line "scene that nobody foresaw (no GPU), median" "$(wall scene 2)" 1000 ms "the bar" "<= 1000 ms"
    line "the same, worst of ten" "$(wall scene 3)" 1000 ms "the bar" ""
    end_process "$demo_server" 10
}
