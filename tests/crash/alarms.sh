#!/usr/bin/env bash
# Kills the server, the database and the broker at random moments while gauges rise above their alert level and fall below it, and
# holds afterwards that no acknowledged observation is missing and none is there twice, that each rise opened one alert and
# each fall closed it, and that whoever subscribed was told of every message, each under one name and with one text.
#
#   alarms.sh CHECKOUT FOLDER [ROUNDS]   CHECKOUT is built; a cluster of its own lies in FOLDER. One line a round
#                                        and three for the whole: ok or FAILED.
set -uo pipefail
home=$1
folder=$2
rounds=${3:-6}
# shellcheck source=tests/crash/nodes.sh
. "$home/tests/crash/nodes.sh"
# shellcheck source=docker/broker.sh
. "$home/docker/broker.sh"
logs=$folder/alarm-log
sources=$home/tests/crash/alarms.mjs
streams=8
port=$(free_port 18560)
broker_port=$(free_port $((port + 2)))
receiver_port=$(free_port $((broker_port + 1)))
server=
receiver=

finish() {
    local pid
    for pid in $server $receiver; do kill -KILL "$pid" 2>/dev/null; done
    broker_close
    cluster_close
}
trap finish EXIT

# await_answer WANT QUERY   a minute long at most
await_answer() {
    local tries=600
    until [ "$(ask diaban_alarms -c "$2" 2>/dev/null)" = "$1" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
}

strike() { # VICTIM
    case $1 in
        server)
            kill -KILL "$server"
            wait "$server" 2>/dev/null
            serve "$port" "$folder/segments"
            server=$served ;;
        database) kill_database ;;
        broker)
            kill -KILL "$broker_process"
            wait "$broker_process" 2>/dev/null
            broker_open "$folder/broker" "$broker_port" ;;
    esac
}

# rise_and_fall NUMBER VICTIM   gauges go up and come down again; the victim is killed in one of the two.
rise_and_fall() {
    local number=$1 victim=$2 name sender up_or_down=$((RANDOM % 2)) phase value state
    name="$victim killed while gauges $([ "$up_or_down" -eq 0 ] && echo rise || echo fall), $number of $rounds"
    for phase in 0 1; do
        value=$([ "$phase" -eq 0 ] && echo 4.6 || echo 4.1)
        state=$([ "$phase" -eq 0 ] && echo open || echo closed)
        node "$sources" send "$folder/acknowledged" "http://127.0.0.1:$port" "$broker_port" "$streams" "$value" 1 &
        sender=$!
        if [ "$phase" -eq "$up_or_down" ]; then
            sleep "0.$((RANDOM % 9 + 1))"
            strike "$victim" || { verdict FAILED "$name" "it does not come back"; return; }
        fi
        wait "$sender"
        await_answer "$streams $((streams * number))" \
            "select count(*) filter (where n = $number and state = '$state') || ' ' || sum(n)
             from (select count(*) n, (array_agg(state order by fid desc))[1] state
                   from record.alerts group by source) each_gauge" || {
            verdict FAILED "$name" "alerts by gauge: $(ask diaban_alarms -c "select string_agg(source || ':' || n || ' ' || states, ', ')
                from (select source, count(*) n, string_agg(distinct state, '/') states from record.alerts group by source) a")"
            return
        }
    done
    verdict ok "$name"
}

# What is stored, what was acknowledged; what is acknowledged and not stored; what is stored twice.
judge_observations() {
    local said
    said=$(ask diaban_alarms <<SQL
create temporary table told (stream bigint, at timestamptz, value double precision);
\\copy told from '$folder/acknowledged' with (format text, delimiter ' ')
select (select count(*) from told) || ' acknowledged, ' ||
       (select count(*) from told t where not exists (select from sensor.observation o
           where o.datastream = t.stream and o.at = t.at and o.value = t.value)) || ' missing, ' ||
       (select count(*) from (select from sensor.observation group by datastream, at having count(*) > 1) twice) ||
       ' twice'
SQL
    )
    if [[ $said == *", 0 missing, 0 twice" && $said != 0* ]]; then verdict ok "observations" "$said"
    else verdict FAILED "observations" "$said"; fi
}

judge_webhooks() {
    local said messages names texts
    if ! await_answer 0 "select count(*) from alert.delivery where state <> 'delivered'"; then
        verdict FAILED "webhooks" "not delivered: $(ask diaban_alarms -c "select count(*) from alert.delivery where state <> 'delivered'")"
        return
    fi
    messages=$(ask diaban_alarms -c 'select count(*) from alert.message')
    names=$(cut -d ' ' -f 1 "$folder/told" | sort -u | wc -l)
    texts=$(sort -u "$folder/told" | wc -l)
    said="$messages messages, $names told, $(wc -l <"$folder/told") times, $texts texts"
    if [ "$names" -eq "$messages" ] && [ "$texts" -eq "$messages" ]; then verdict ok "webhooks" "$said"
    else verdict FAILED "webhooks" "$said"; fi
}

judge_alerts() {
    local said
    said=$(ask diaban_alarms -c "select count(*) || ' alerts, ' || count(*) filter (where state <> 'closed') || ' left open'
                                 from record.alerts")
    if [ "$said" = "$((streams * rounds)) alerts, 0 left open" ]; then verdict ok "each rise is one alert" "$said"
    else verdict FAILED "each rise is one alert" "$said of $((streams * rounds)) rises"; fi
}

mkdir -p "$logs"
cluster_open "$folder" "$folder/alarm-sockets" durable
uri=$(cluster_uri diaban_alarms)
ask postgres -c "create database diaban_alarms template template0 encoding 'UTF8'"
"$program" migrate --database "$uri" --home "$home" >"$logs/migrate.log" 2>&1
ask diaban_alarms -c "insert into record.observed_properties (name) values ('Mực nước');
    insert into record.sensors (name, kind, geom) select 'Trạm ' || i, 'gauge', st_point(105.3 + i / 100.0, 18.3, 4326)
        from generate_series(1, $streams) i;
    insert into record.datastreams (name, sensor, observed_property, unit_symbol, level_1, hysteresis)
        select 'Mực nước ' || i, i, 1, 'm', 4.5, 0.05 from generate_series(1, $streams) i;
    insert into diaban.pull_host values ('127.0.0.1:$receiver_port');
    insert into alert.subscription (url, secret, level)
        values ('http://127.0.0.1:$receiver_port/', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 255)"
: >"$folder/acknowledged"
: >"$folder/told"
node "$sources" receive "$folder/told" "$receiver_port" &
receiver=$!
broker_open "$folder/broker" "$broker_port"
export DIABAN_MQTT=mqtt://127.0.0.1:$broker_port
serve "$port" "$folder/segments"
server=$served
victims=(server database broker)
for ((i = 1; i <= rounds; ++i)); do rise_and_fall "$i" "${victims[$((i % 3))]}"; done
judge_observations
judge_alerts
judge_webhooks
