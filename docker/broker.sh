# shellcheck shell=bash
# Mosquitto, the broker that stations send to, on loopback. Sourced.
#
#   broker_open FOLDER PORT   starts it; what it acknowledged is kept in FOLDER
#   broker_close              stops it

broker_process=

broker_open() {
    local folder=$1 port=$2 program tries=100
    program=$(command -v mosquitto || printf /usr/sbin/mosquitto)
    mkdir -p "$folder" 2>/dev/null || fail_for_room "$folder"
    printf '%s\n' "listener $port 127.0.0.1" "allow_anonymous true" "persistence true" \
        "persistence_location $folder/" "autosave_on_changes true" "autosave_interval 1" \
        >"$folder/mosquitto.conf"
    if am_root; then chown -R mosquitto: "$folder"; fi # the user that it goes on as
    "$program" -c "$folder/mosquitto.conf" >"$logs/mosquitto.log" 2>&1 </dev/null 9>&- &
    broker_process=$!
    until port_is_busy "$port"; do
        kill -0 "$broker_process" 2>/dev/null ||
            fail "the broker did not start: $(last_words "$logs/mosquitto.log")"
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "the broker listens on no port: $(last_words "$logs/mosquitto.log")"
        sleep 0.05
    done
}

broker_close() {
    [ -n "$broker_process" ] || return 0
    end_process "$broker_process" 10
    broker_process=
}
