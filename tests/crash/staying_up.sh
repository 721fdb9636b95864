#!/usr/bin/env bash
# Staying up: nine faults, each under 500 reads and 100 edits a second, and a table of what was lost and how soon all is well.
#
#   staying_up.sh CHECKOUT FOLDER [FAULT…]   CHECKOUT is built; clusters, disks and networks of its own lie in FOLDER.
#                                            FAULT: server database broker clock slow segments job full_state full_database
#                                            cut; all of them without. One line a case: ok, FAILED or skipped; a table.
set -uo pipefail
home=$1
folder=$2
shift 2
# shellcheck source=tests/crash/nodes.sh
. "$home/tests/crash/nodes.sh"
# shellcheck source=docker/broker.sh
. "$home/docker/broker.sh"
# shellcheck source=tests/crash/under_load.sh
. "$home/tests/crash/under_load.sh"
# shellcheck source=tests/crash/grounds.sh
. "$home/tests/crash/grounds.sh"
logs=$folder/up-log
port=$(free_port 18620)
fresh_port=$(free_port $((port + 2)))
other_port=$(free_port $((fresh_port + 2)))
broker_port=$(free_port $((other_port + 2)))
helpers=() # processes that end with the test

finish() {
    local pid
    for pid in $server $fresh $loader "${helpers[@]}"; do kill -KILL "$pid" 2>/dev/null; done
    broker_close
    cluster_close
    close_network
    close_disks
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

kill_server() {
    end_node KILL
    mended
    start_node
}

database_away() {
    strike_database
    sleep 7
    mended
    until start_database; do sleep 0.1; done
}

# What stations send meanwhile, half over HTTP and half by MQTT with QoS 1; "STREAM TIME VALUE" is acknowledged.
broker_away() {
    : >"$folder/observed"
    node "$home/tests/crash/alarms.mjs" send "$folder/observed" "http://127.0.0.1:$port" "$broker_port" 8 4.1 9 &
    helpers+=($!)
    sleep 3
    kill -KILL "$broker_process"
    wait "$broker_process" 2>/dev/null
    sleep 3
    mended
    broker_open "$folder/broker" "$broker_port"
    wait "${helpers[-1]}"
}

judge_observations() {
    local said tries=100
    until said=$(ask diaban_up <<SQL
create temporary table told (stream bigint, at timestamptz, value double precision);
\\copy told from '$folder/observed' with (format text, delimiter ' ')
select (select count(*) from told) || ' acknowledged, ' ||
       (select count(*) from told t where not exists (select from sensor.observation o
           where o.datastream = t.stream and o.at = t.at and o.value = t.value)) || ' missing, ' ||
       (select count(*) from (select from sensor.observation group by datastream, at having count(*) > 1) twice) ||
       ' twice'
SQL
    ) && [[ $said == *", 0 missing, 0 twice" && $said != 0* ]]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { verdict FAILED "observations sent while the broker was killed" "$said"; return; }
        sleep 0.1
    done
    verdict ok "observations sent while the broker was killed" "$said"
}

# An hour forward, two back, and right again, each for four seconds.
step_clock() {
    for away in +3600 -3600 +0; do
        echo "$away" >"$folder/clock"
        sleep 4
    done
    mended
}

# Every piece of the database's traffic takes 0.15 s, then somebody keeps the whole table for 6 s.
slow_database() {
    echo 150 >"$folder/delay"
    sleep 6
    echo 0 >"$folder/delay"
    ask diaban_up -c 'begin; lock table record.parcels in access exclusive mode; select pg_sleep(6); commit' >/dev/null
    mended
}

# spoil HOW FILE   as a disk or a person might
spoil() {
    local size
    size=$(stat -c %s "$2")
    case $1 in
        head) printf '\377' | dd of="$2" bs=1 seek=24 conv=notrunc status=none ;;
        body) printf '\125\252' | dd of="$2" bs=1 seek=$((size / 2 + RANDOM % (size / 4))) conv=notrunc status=none ;;
        cut) truncate -s $((size - 1 - RANDOM % (size / 2))) "$2" ;;
        blank) dd if=/dev/zero of="$2" bs=4096 count=1 conv=notrunc status=none ;;
        long) head -c 100 /dev/urandom >>"$2" ;;
    esac
}

# The node is killed, its segment spoilt, and it is started again, in five ways; each is to be refused.
spoil_segments() {
    local how refused file=$segments/parcels.segment tries mark
    for how in head body cut blank long; do
        tries=200
        until [ -s "$file" ] && [ ! -e "$file.new" ]; do
            tries=$((tries - 1))
            [ "$tries" -gt 0 ] || return 1
            sleep 0.05
        done
        end_node KILL
        mark=$(wc -l <"$logs/serve-$port.log")
        spoil "$how" "$file"
        touch -d '1 hour ago' "$file"
        start_node || return 1
        refused=$(tail -n "+$((mark + 1))" "$logs/serve-$port.log" | grep -c 'parcels: segment refused')
        [ "$refused" -eq 1 ] || { say "a segment spoilt by \"$how\" was refused $refused times"; return 1; }
        tries=200
        until [ -n "$(find "$file" -newermt '10 minutes ago' 2>/dev/null)" ]; do # it is written anew
            tries=$((tries - 1))
            [ "$tries" -gt 0 ] || return 1
            sleep 0.05
        done
    done
    mended
}

# A job asks for more than it may have.
starve_job() {
    local job tries=200
    ask diaban_up -c "insert into record.facilities (name, address, geom)
        values ('X', repeat('a', 90000000), st_point(105.3, 18.3, 4326))"
    job=$(curl -s --max-time 10 -X POST -H 'Content-Type: application/json' -H 'Prefer: respond-async' \
        -d '{"inputs": {"collection": "facilities", "format": "geojson"}}' \
        "http://127.0.0.1:$port/processes/export/execution" | jq -r .jobID)
    until curl -s --max-time 10 "http://127.0.0.1:$port/jobs/$job" | jq -e '.status == "failed"' >/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
    mended
    curl -s --max-time 10 "http://127.0.0.1:$port/jobs/$job" | grep -q job-memory
}

# The disk of segments and blobs is full while a collection is to be kept anew.
full_state() {
    fill_disk "$folder/state-disk"
    ask diaban_up -c "insert into record.facilities (name, geom)
        select 'Trạm ' || i, st_point(105 + random(), 18 + random() / 2, 4326) from generate_series(1, 25000) i"
    sleep 6
    free_disk "$folder/state-disk"
    mended
}

# The disk of rows and log is full; a database that gives up is started again, as its service would.
full_database() {
    fill_disk "$folder/database-disk"
    sleep 8
    free_disk "$folder/database-disk"
    mended
    until ask diaban_up -c 'select 1' >/dev/null 2>&1; do
        cluster_is_up || start_database
        sleep 0.2
    done
}

# One of two nodes is cut off from the database, and joined again; the other goes on.
cut_off() {
    "${other_ground[@]}" "$tool" --database "$uri" load "$other_port" --turns "$logs/other-turns" --log "$logs/other-edits" \
        --reads 50 --edits 20 --seconds 15 >>"$logs/load.log" 2>&1 &
    helpers+=($!)
    sleep 1
    cut_node
    sleep 12
    join_node
    mended
    wait "${helpers[-1]}"
}

judge_other() {
    local said lost
    said=$(told_of "$logs/other-turns" | tr '\n' ' ')
    lost=$("$tool" --database "$uri" weigh --log "$logs/other-edits")
    # An edit of a row that the node which was cut off had begun to edit waits for it, and may be told "not now".
    if [[ $said == *mirror_failed=0\ *record_failed=0\ *edits_failed=[0-5]\ * ]] && [[ $lost == *" 0 missing, 0 twice"* ]]; then
        verdict ok "the other node reads and edits on" "$lost"
    else
        verdict FAILED "the other node reads and edits on" "$said $lost"
    fi
}

fault_server() { sees_failures=1 fault "kill -9 of the server" kill_server; }
fault_database() { says='cannot be followed: database-down' fault "kill -9 of PostgreSQL, away for 7 s" database_away; }
fault_broker() { says='the broker .* is away' fault "kill -9 of the broker, away for 3 s" broker_away; judge_observations; }
fault_slow() {
    with_relay
    says='database-(busy|timeout)' fault "slow database, then a locked table" slow_database
    without_relay
}

fault_segments() { sees_failures=1 most_alike=5 says='segment refused: damaged' fault "spoilt segments, five ways" spoil_segments; }
fault_full_state() { says='segment not kept.*No space' fault "full disk of segments and blobs" full_state; }
fault_full_database() { says='disk-full|database-down' fault "full disk of the database" full_database; }

fault_clock() {
    local library
    library=$(find /usr/lib/*/faketime -name libfaketimeMT.so.1 2>/dev/null | head -n 1)
    [ -n "$library" ] || { verdict skipped "clock steps" "there is no libfaketime"; return; }
    echo +0 >"$folder/clock"
    node_with=(env LD_PRELOAD="$library" FAKETIME_TIMESTAMP_FILE="$folder/clock" FAKETIME_CACHE_DURATION=1
        FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1)
    end_node TERM
    start_node
    fault "clock an hour forward, two back" step_clock
    node_with=()
    end_node TERM
    start_node
}

fault_job() {
    end_node TERM
    DIABAN_JOB_MEMORY_MB=48 start_node
    fault "a job out of memory" starve_job
    end_node TERM
    start_node
}

fault_cut() {
    open_network || { verdict skipped "network cut" "no right to make one"; return; }
    says='cannot be answered for now: database-busy' fault "network of one of two nodes cut for 12 s" cut_off
    judge_other
}

mkdir -p "$logs"
disks=1
open_disk database-disk 1500 && open_disk state-disk 128 || disks=0
segments=$folder/state-disk/segments
export DIABAN_BLOBS=$folder/state-disk/blobs
mkdir -p "$folder/state-disk"
cluster_open "$folder/database-disk" "$folder/up-sockets" durable
broker_open "$folder/broker" "$broker_port"
export DIABAN_MQTT=mqtt://127.0.0.1:$broker_port
ground
faults=("$@")
[ "$#" -gt 0 ] || faults=(server database broker clock slow segments job full_state full_database cut)
for one in "${faults[@]}"; do
    if [[ $one == full_* && $disks = 0 ]]; then verdict skipped "$one" "no right to mount a small disk"
    else "fault_$one"; fi
done
table
