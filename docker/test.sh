# shellcheck shell=bash
# ./run test: every test there is, on a database of its own that is gone afterwards. Sourced.

test_work=
test_keep=0
test_passed=0
test_failed=0
test_skipped=0
test_names= # of what failed, and why, told again at the end

run_tests() {
    local kind=all
    while [ $# -gt 0 ]; do
        case $1 in
            long | faults) kind=$1 ;;
            --keep) test_keep=1 ;;
            *) fail "test does not know \"$1\" (./run help)" ;;
        esac
        shift
    done
    if [ -n "${DIABAN_DATA:-}" ]; then
        [ -d "$DIABAN_DATA" ] || fail "there is no folder $DIABAN_DATA (DIABAN_DATA)"
        DIABAN_DATA=$(cd "$DIABAN_DATA" && pwd -P)
        export DIABAN_DATA
    fi
    local parts=(build record console check test availability)
    if [ -z "${DIABAN_DATA:-}" ]; then parts+=(nature); fi
    "$home/docker/install.sh" "${parts[@]}"

    mkdir -p "$state" 2>/dev/null || fail_for_room "$state"
    test_work=$(mktemp -d /tmp/diaban-test-XXXXXX)
    chmod 711 "$test_work" # the database's user passes through
    logs=$test_work/log
    trap test_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
    need_room 2000 "$test_work"

    case $kind in
        all)
            test_suite release
            test_availability
            test_console
            test_browser
            ;;
        long)
            test_suite asan
            test_suite tsan -L threads
            test_many_filters
            test_fuzzers
            test_tidy
            ;;
        faults) test_faults ;;
    esac
    [ "$test_failed" -eq 0 ] || exit 1
}

# test_suite PRESET [ctest options]   builds everything and runs ctest against a fresh cluster.
test_suite() {
    local preset=$1 log=$logs/ctest-$1.log
    shift
    build_program "$preset"
    cluster_open "$test_work" "$test_work/sockets" throwaway
    DIABAN_TEST_DATABASE=$(cluster_uri postgres)
    export DIABAN_TEST_DATABASE
    say "Tests of the floors ($preset):"
    BOOST_TEST_REPORT_LEVEL=short ctest --test-dir "$home/build/$preset" --output-on-failure \
        --no-tests=ignore --timeout 900 -j "$(nproc)" -O "$log" "$@" || true
    count_cases "$home/build/$preset/Testing/Temporary/LastTest.log"
    name_cases "$home/build/$preset/Testing/Temporary/LastTest.log"
}

# name_cases LOG   keeps what a failed case said, with the lines about it; at most 60 lines.
name_cases() {
    [ -s "$1" ] || return 0
    test_names+=$(awk '
        /: (fatal )?error: in "|^==[0-9]+==ERROR|WARNING: ThreadSanitizer|runtime error: / { left = 4 }
        left > 0 { print substr($0, 1, 400); left-- }' "$1" | head -n 60)
}

# Adds the test cases that ctest's full log tells of. A test without cases of its own counts as one;
# one that failed without a failed case (it crashed) counts as a failure.
count_cases() {
    local passed failed skipped
    [ -s "$1" ] || { test_failed=$((test_failed + 1)); return; }
    read -r passed failed skipped < <(awk '
        function close_test() {
            if (!open) return
            if (!cases && ok) passed++
            if (!ok && !bad) failed++
            open = 0
        }
        /^[0-9]+\/[0-9]+ Testing: / { close_test(); open = 1; cases = bad = ok = 0 }
        /^ +[0-9]+ test cases? out of [0-9]+ / {
            cases += $1
            if (/ passed/) passed += $1 # "passed with warnings" too
            else if (/ skipped/) skipped += $1
            else { failed += $1; bad += $1 }
        }
        /SKIPPED \(/ { passed--; skipped++ }
        /^Test Passed\./ { ok = 1 }
        END { close_test(); print passed + 0, failed + 0, skipped + 0 }' "$1")
    count "$passed" "$failed" "$skipped"
    if [ "$skipped" -gt 0 ]; then grep -oE 'SKIPPED \(.*' "$1" | sort -u; fi
}

count() {
    test_passed=$((test_passed + $1))
    test_failed=$((test_failed + $2))
    test_skipped=$((test_skipped + $3))
}

# check_one NAME COMMAND…   a check that passes or fails as a whole.
check_one() {
    local name=$1 log
    log=$logs/${1// /-}.log
    shift
    mkdir -p "$logs"
    if "$@" >"$log" 2>&1 </dev/null; then
        say "$name: passed"
        count 1 0 0
    else
        say "$name: FAILED"
        tail -n 60 "$log"
        test_names+="$name"$'\n'
        count 0 1 0
    fi
}

test_console() {
    local folder=$home/services/console report=$test_work/vitest.json
    install_modules "$folder"
    check_one "Types of the console" npm run --silent check --prefix "$folder"
    say "Unit tests of the console:"
    npm test --silent --prefix "$folder" -- --reporter=default --reporter=json --outputFile="$report" </dev/null ||
        say "Unit tests of the console: FAILED"
    count_report "$report" '"\(.numPassedTests) \(.numFailedTests) \(.numPendingTests + .numTodoTests)"'
}

# count_report FILE JQ   the counts of a runner's JSON report; no report is a failure.
count_report() {
    local passed failed skipped
    if read -r passed failed skipped < <(jq -r "$2" "$1" 2>/dev/null) && [ -n "$skipped" ]; then
        count "$passed" "$failed" "$skipped"
    else
        count 0 1 0
    fi
}

# Failover and restore in short, side by side; `./run test faults` has all of it.
test_availability() {
    build_program release diaban crash_tool
    check_one "Failover and restore" bash "$home/tests/availability/short.sh" "$home" "$test_work/availability"
}

# The console in a real browser, and what other programs read, before a demo of its own.
test_browser() {
    local folder=$home/tests/browser report=$test_work/browser.json port
    install_modules "$folder"
    check_one "Types of the browser tests" npm run --silent check --prefix "$folder"
    build_console
    port=$(free_port 18080)
    load_demo "${DIABAN_DATA:-}" "$test_work"
    demo_serve "$port" "$(free_port $((port + 1)))" "$test_work"
    check_one "Demo against PostGIS" check_all "http://127.0.0.1:$port" "$demo_uri"
    say "Browser tests:"
    DIABAN_URL=http://127.0.0.1:$port DIABAN_DATABASE=$demo_uri PLAYWRIGHT_JSON_OUTPUT_NAME=$report \
        npm test --silent --prefix "$folder" -- --reporter=list,json </dev/null || say "Browser tests: FAILED"
    count_report "$report" '"\(.stats.expected) \(.stats.unexpected) \(.stats.skipped)"'
    end_process "$demo_server" 10
    demo_server=
}

# The evaluator of filters beside PostGIS, fifty times as long as otherwise, then on a million rows: half an
# hour. The cluster stands since the suites.
test_many_filters() {
    build_program release data_test
    check_one "100,000 filters against PostGIS" env DIABAN_EXPRESSIONS=100000 \
        "$home/build/release/tests/data/data_test" \
        --run_test=random_expressions_find_the_rows_that_postgis_finds
    check_one "1,000 filters on a million rows" env DIABAN_EXPRESSIONS=1000 DIABAN_ROWS=1000000 \
        "$home/build/release/tests/data/data_test" \
        --run_test=random_expressions_find_the_rows_that_postgis_finds
}

# Each parser before a minute of bytes that nobody chose.
test_fuzzers() {
    local target corpus
    "$home/docker/install.sh" fuzz
    build_program fuzz fuzz
    for corpus in "$home"/tests/fuzz/corpus/*/; do
        target=$(basename "$corpus")
        mkdir -p "$test_work/fuzz/$target" "$logs"
        check_one "Fuzzing $target" "$home/build/fuzz/tests/fuzz/fuzz_$target" -max_total_time=60 \
            -max_len=2048 -timeout=5 -artifact_prefix="$logs/$target-" "$test_work/fuzz/$target" "$corpus"
    done
}

# clang-tidy over every source that the build knows.
test_tidy() {
    "$home/docker/install.sh" tidy
    build_program release all tests/bench/all
    check_one "clang-tidy" run-clang-tidy-16 -quiet -p "$home/build/release" \
        "^$home/(geo|tiles|data|services)/.*\.cpp$"
}

test_faults() {
    "$home/docker/install.sh" package proxy availability faults
    build_program release diaban crash_tool hostile
    build_console
    local passed failed skipped
    mkdir -m 711 "$test_work/crash" "$test_work/past" "$test_work/stopped" "$test_work/alarms" "$test_work/calls" \
        "$test_work/provinces" "$test_work/failover" "$test_work/backup" "$test_work/rolling" "$test_work/hostile" "$test_work/proxy" "$test_work/package" "$test_work/up"
    { bash "$home/tests/house/faults.sh" "$home" "$test_work"
      bash "$home/tests/crash/crashes.sh" "$home" "$test_work/crash"
      bash "$home/tests/crash/restored.sh" "$home" "$test_work/past"
      bash "$home/tests/crash/stopped.sh" "$home" "$test_work/stopped"
      bash "$home/tests/crash/alarms.sh" "$home" "$test_work/alarms"
      bash "$home/tests/crash/calls.sh" "$home" "$test_work/calls"
      bash "$home/tests/crash/provinces.sh" "$home" "$test_work/provinces"
      bash "$home/tests/availability/failover.sh" "$home" "$test_work/failover"
      bash "$home/tests/availability/backup.sh" "$home" "$test_work/backup"
      bash "$home/tests/availability/rolling.sh" "$home" "$test_work/rolling"
      bash "$home/tests/hostile/hostile.sh" "$home" "$test_work/hostile"
      bash "$home/tests/package/nginx.sh" "$home" "$test_work/proxy"
      bash "$home/tests/package/installed.sh" "$home" "$test_work/package"
      bash "$home/tests/crash/staying_up.sh" "$home" "$test_work/up"; } | tee "$logs/faults.log" || true
    read -r passed failed skipped < <(awk '
        /^ok /     { passed++ }
        /^FAILED / { failed++ }
        /^skipped / { skipped++ }
        END { print passed + 0, failed + (passed + failed == 0), skipped + 0 }' "$logs/faults.log")
    count "$passed" "$failed" "$skipped"
}

test_end() {
    local code=$?
    trap '' INT TERM HUP
    end_step
    if [ "$code" -ne 0 ] && [ "$test_failed" -eq 0 ]; then test_failed=1; fi # ended before its end
    if [ -n "$demo_server" ]; then end_process "$demo_server" 10; fi
    if [ "$code" -ne 0 ] && [ "$test_keep" = 1 ]; then
        say "Kept: $test_work (database: ${DIABAN_TEST_DATABASE:-none})"
    else
        cluster_close
        if [ "$code" -ne 0 ]; then
            rm -rf "$state/log/failed-test"
            mkdir -p "$state/log" && cp -r "$logs" "$state/log/failed-test" 2>/dev/null || true
        fi
        rm -rf "$test_work"
    fi
    if [ -n "$test_names" ]; then say "What failed:"$'\n'"$test_names"; fi
    say "$test_passed passed, $test_failed failed, $test_skipped skipped"
    exit "$code"
}
