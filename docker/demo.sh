# shellcheck shell=bash
# ./run demo: everything up, the demo area loaded once, one URL. Sourced.

demo_server=

run_demo() {
    local port=8080 data=${DIABAN_DATA:-} check=0 mqtt='' scene='' scenes
    while [ $# -gt 0 ]; do
        case $1 in
            --port) port=${2:-}; shift ;;
            --port=*) port=${1#*=} ;;
            --data) data=${2:-}; shift ;;
            --data=*) data=${1#*=} ;;
            --check) check=1 ;;
            --scene) scene=${2:-}; shift ;;
            --scene=*) scene=${1#*=} ;;
            --mqtt) mqtt=1883 ;;
            --mqtt=*) mqtt=${1#*=} ;;
            *) fail "demo does not know \"$1\" (./run help)" ;;
        esac
        shift || true
    done
    if [ -n "$mqtt" ] && { ! [[ $mqtt =~ ^[0-9]{1,5}$ ]] || [ "$mqtt" -lt 1 ] || [ "$mqtt" -gt 65535 ]; }; then
        fail "--mqtt wants a number from 1 to 65535"
    fi
    if [ -n "$scene" ]; then
        scenes=$(demo_scenes)
        case " $scenes " in
            *" $scene "*) ;;
            *) fail "there is no scene \"$scene\"; there are: $scenes" ;;
        esac
        [ -n "$data" ] || fail "the scene $scene shows real communes: give their files with --data or DIABAN_DATA"
    fi
    if ! [[ $port =~ ^[0-9]{1,5}$ ]] || [ "$port" -lt 1 ] || [ "$port" -gt 65534 ]; then
        fail "--port wants a number from 1 to 65534"
    fi
    if [ -n "$data" ]; then
        [ -d "$data" ] || fail "there is no folder $data (--data or DIABAN_DATA)"
        data=$(cd "$data" && pwd -P)
    fi

    mkdir -p "$state" 2>/dev/null || fail_for_room "$state"
    demo_claim
    trap demo_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
    need_free_port "$port"
    local live=$((port + 1))
    if port_is_busy "$live"; then live=$(free_port $((port + 2))); fi

    local parts=(build record console check picture)
    if [ -z "$data" ]; then parts+=(nature); fi
    if [ -n "$mqtt" ]; then parts+=(broker); fi
    "$home/docker/install.sh" "${parts[@]}" 9>&-
    need_room 500 "$state"
    build_program release diaban
    build_console
    cluster_open "$state" "$(socket_folder)" durable
    load_demo "$data" "$state"
    load_scene "$scene"
    local broker=()
    if [ -n "$mqtt" ]; then
        mqtt=$(free_port "$mqtt")
        broker_open "$state/broker" "$mqtt"
        broker=(--mqtt "mqtt://127.0.0.1:$mqtt")
    fi
    demo_serve "$port" "$live" "$state" "${broker[@]}"

    if [ "$check" = 1 ]; then
        check_all "http://127.0.0.1:$port" "$demo_uri"
        return
    fi
    say ""
    say "Diaban is ready: http://127.0.0.1:$port/console/"
    if [ -n "$scene" ]; then say "The guided tour: http://127.0.0.1:$port/console/?tour=$scene"; fi
    if [ -n "$mqtt" ]; then
        say "Stations send by MQTT to 127.0.0.1:$mqtt, for example:"
        say "  mosquitto_pub -p $mqtt -q 1 -t 'diaban/v1.1/Datastreams(1)/Observations' \\"
        say "    -m '{\"phenomenonTime\": \"$(date -u +%FT%TZ)\", \"result\": 4.78}'"
    fi
    say "Ctrl-C ends it."
    local code=0
    wait "$demo_server" || code=$?
    demo_server=
    fail "the server ended by itself (code $code): $(last_words "$logs/serve.log") (whole log: $logs/serve.log)"
}

# Names of the guided tours of the console.
demo_scenes() {
    sed -n 's/^    \([a-z]*\): async () => (await import.*/\1/p' "$home/services/console/src/tour/scene.ts" | xargs
}

# One demo a checkout at a time. What an earlier one, killed outright, left running is ended: the
# process must still be this checkout's program.
demo_claim() {
    local left
    exec 9>>"$state/lock"
    flock -n 9 || fail "a demo of this checkout is running already (process $(cat "$state/lock.pid" 2>/dev/null || echo unknown))"
    printf '%s' "$$" >"$state/lock.pid" || fail_for_room "$state"
    left=$(cat "$state/serve.pid" 2>/dev/null || true)
    if [ -n "$left" ] && [ "$(readlink "/proc/$left/exe" 2>/dev/null)" = "$home/build/release/diaban" ]; then
        end_process "$left" 5
    fi
    rm -f "$state/serve.pid"
}

need_free_port() {
    if port_is_busy "$1"; then
        fail "port $1 is in use by another program; choose one with --port, for example $(free_port $(($1 + 10)))"
    fi
}

# demo_serve PORT LIVE_PORT FOLDER [options]   serves demo_uri; FOLDER keeps the blobs and the process's number.
demo_serve() {
    local port=$1 live=$2 folder=$3 log=$logs/serve.log
    shift 3
    if [ -s "$log" ]; then mv "$log" "$log.1"; fi
    "$home/build/release/diaban" serve --database "$demo_uri" --port "$port" --live-port "$live" \
        --home "$home" --blobs "$folder/blobs" --segments "$folder/segments" "$@" >"$log" 2>&1 </dev/null 9>&- &
    demo_server=$!
    printf '%s' "$demo_server" >"$folder/serve.pid"
    await_ready "http://127.0.0.1:$port" "$demo_server" "$log"
}

# await_ready URL PID LOG   until /readyz answers 200; ends when the process does, or after two minutes.
await_ready() {
    local tries=2400
    until curl -sf -o /dev/null --max-time 2 "$1/readyz"; do
        kill -0 "$2" 2>/dev/null || fail "the server did not start: $(last_words "$3") (whole log: $3)"
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "the server is not ready after two minutes: $(curl -s --max-time 2 "$1/readyz" | head -c 300)"
        sleep 0.05
    done
}

demo_end() {
    local code=$?
    trap '' INT TERM HUP
    end_step
    if [ -n "$demo_server" ]; then end_process "$demo_server" 10; fi
    broker_close
    cluster_close
    rm -f "$state/serve.pid" "$state/lock.pid" 2>/dev/null || true
    exit "$code"
}
