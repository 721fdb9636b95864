#!/usr/bin/env bash
# docker/nginx.conf before two nodes: TLS, HTTP/2, tiles unchanged, live channel unbuffered, one node lost.
#
#   nginx.sh CHECKOUT FOLDER   CHECKOUT is built; FOLDER is for state. One line a case: ok, FAILED or
#                              skipped.
set -uo pipefail
home=$1
folder=$2
export DIABAN_STATE=$folder
uri=
# shellcheck source=tests/crash/nodes.sh
. "$home/tests/crash/nodes.sh"

if ! command -v nginx >/dev/null; then
    verdict skipped "nginx before two nodes" "nginx is missing (docker/install.sh proxy)"
    exit 0
fi

first=$(free_port 18310)
second=$(free_port $((first + 2)))
tls=$(free_port 18443)
plain=$(free_port $((tls + 1)))
site=https://localhost:$tls
node_1=
node_2=
nginx=

end_all() {
    local process
    for process in $nginx $node_1 $node_2; do end_process "$process" 5; done
    cluster_close
}
trap end_all EXIT

# check NAME CONDITION WORDS…   a case that holds if `test` says so.
check() {
    local name=$1
    shift
    if [ "$@" ]; then verdict ok "$name"; else verdict FAILED "$name" "$*"; fi
}
# Through nginx, trusting the test's certificate alone.
secure() { curl -s --max-time 10 --cacert "$folder/tls/diaban.pem" "$@"; }

make_certificate() {
    mkdir -p "$folder/tls"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout "$folder/tls/diaban.key" -out "$folder/tls/diaban.pem" 2>/dev/null
}

# The file of the container with this machine's ports and folders, and nothing else changed.
configuration() {
    sed -e "s/node-1:8080/127.0.0.1:$first/; s/node-1:8081/127.0.0.1:$((first + 1))/" \
        -e "s/node-2:8080/127.0.0.1:$second/; s/node-2:8081/127.0.0.1:$((second + 1))/" \
        -e "s/listen 443 /listen 127.0.0.1:$tls /; s/listen 80 /listen 127.0.0.1:$plain /" \
        -e "s#/etc/nginx/tls/#$folder/tls/#; s#/run/nginx.pid#$folder/nginx.pid#" \
        "$home/docker/nginx.conf"
}

begin_nginx() {
    local tries=100
    configuration >"$folder/nginx.conf"
    nginx -c "$folder/nginx.conf" -g 'daemon off;' >"$logs/nginx.log" 2>"$logs/nginx-errors.log" </dev/null &
    nginx=$!
    until port_is_busy "$tls"; do
        kill -0 "$nginx" 2>/dev/null || return 1
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.05
    done
}

# Whether an edit made now is told through nginx within a second of its commit.
event_within_a_second() {
    local watcher before code=1 tries
    curl -sN --max-time 20 --cacert "$folder/tls/diaban.pem" -H "Origin: $site" \
        "$site/live?collections=facilities" >"$folder/events" 2>/dev/null &
    watcher=$!
    tries=100
    until grep -q '^event: start\|^event:' "$folder/events" || [ "$tries" -eq 0 ]; do sleep 0.05; tries=$((tries - 1)); done
    sleep 0.5
    : >"$folder/seen"
    before=$(date +%s%N)
    ask diaban_proxy -c "INSERT INTO record.facilities (geom, source_srid) VALUES (ST_SetSRID(ST_MakePoint(105.9, 18.34), 4326), 4326)"
    tries=100
    until grep -q '"facilities"' "$folder/events" || [ "$tries" -eq 0 ]; do sleep 0.02; tries=$((tries - 1)); done
    took=$((($(date +%s%N) - before) / 1000000))
    if [ "$tries" -gt 0 ] && [ "$took" -le 1000 ]; then code=0; fi
    kill "$watcher" 2>/dev/null
    wait "$watcher" 2>/dev/null
    return "$code"
}

mkdir -p "$logs"
chmod 711 "$folder"
cluster_open "$folder" "$folder/sockets" throwaway >/dev/null
uri=$(cluster_uri diaban_proxy)
ask postgres -c 'CREATE DATABASE diaban_proxy'
"$program" migrate --database "$uri" >/dev/null
ask diaban_proxy -c "INSERT INTO record.facilities (geom, source_srid) SELECT ST_SetSRID(ST_MakePoint(105.9 + n * 0.001, 18.3), 4326), 4326 FROM generate_series(1, 200) AS n" ||
    verdict FAILED "the nodes have something to show"
serve "$first" "$folder/segments-1" || verdict FAILED "the first node is ready"
node_1=$served
serve "$second" "$folder/segments-2" || verdict FAILED "the second node is ready"
node_2=$served
make_certificate
if ! begin_nginx; then
    verdict FAILED "nginx takes the configuration" "$(tail -n 2 "$logs/nginx-errors.log" | tr '\n' ' ')"
    exit 0
fi
verdict ok "nginx takes the configuration"

# ETag and coding of an answer's head.
told() { grep -iE '^(etag|content-encoding):' "$1" | tr '[:upper:]' '[:lower:]' | sort; }

tile=tiles/facilities/14/13013/7344.mvt
check "HTTP/2 is spoken" "$(secure --http2 -o /dev/null -w '%{http_version} %{http_code}' "$site/readyz")" = "2 200"
for version in 1.2 1.3; do
    check "TLS $version is taken" "$(secure --tlsv$version --tls-max $version -o /dev/null -w '%{http_code}' "$site/readyz")" = 200
done
# The client offers the old version whatever its own policy; who refuses is told by the alert.
check "TLS 1.1 is refused by nginx" "$(openssl s_client -connect "127.0.0.1:$tls" -tls1_1 -cipher DEFAULT:@SECLEVEL=0 2>&1 </dev/null | grep -c 'alert protocol version')" -gt 0
for cipher in ECDHE-ECDSA-AES128-SHA256 ECDHE-ECDSA-AES256-SHA AES128-GCM-SHA256; do
    check "TLS 1.2 without forward secrecy or authenticated cipher is refused: $cipher" "$(openssl s_client -connect "127.0.0.1:$tls" -tls1_2 -cipher "$cipher:@SECLEVEL=0" 2>&1 </dev/null | grep -c 'alert handshake failure')" -gt 0
done
check "unencrypted requests are sent to TLS" "$(curl -s --max-time 5 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$plain/readyz")" = 308
check "browsers are told to stay with TLS" "$(secure -o /dev/null -D - "$site/readyz" | grep -ci '^strict-transport-security')" = 1

for coding in identity gzip br; do
    curl -s --max-time 10 -H "Accept-Encoding: $coding" -D "$folder/direct.head" -o "$folder/direct" "http://127.0.0.1:$first/$tile"
    secure -H "Accept-Encoding: $coding" -D "$folder/through.head" -o "$folder/through" "$site/$tile"
    check "a tile as $coding is the node's, byte by byte" -s "$folder/direct" -a "$(sha1sum <"$folder/direct")" = "$(sha1sum <"$folder/through")"
    check "its ETag and coding as $coding are the node's" -n "$(told "$folder/direct.head")" -a "$(told "$folder/through.head")" = "$(told "$folder/direct.head")"
done
etag=$(grep -i '^etag:' "$folder/through.head" | cut -d' ' -f2 | tr -d '\r')
check "what a client holds already is not sent again" "$(secure -H 'Accept-Encoding: br' -H "If-None-Match: $etag" -o /dev/null -w '%{http_code}' "$site/$tile")" = 304
check "links are of the address that clients see" "$(secure -H 'Accept: application/json' "$site/" | grep -c "\"$site/")" -gt 0
check "what a client says of proxies is overwritten" "$(secure -H 'X-Forwarded-Host: evil.example' -H 'Accept: application/json' "$site/" | grep -c evil.example)" = 0
check "the nodes' figures are not shown outside" "$(secure -o /dev/null -w '%{http_code}' "$site/metrics")" = 404

took=0
if event_within_a_second; then
    verdict ok "a commit is told through nginx within a second" "$took ms"
else
    verdict FAILED "a commit is told through nginx within a second" "$took ms: $(tail -c 300 "$folder/events" | tr '\n' ' ')"
fi
check "each node has answered" "$(grep -oE "127\.0\.0\.1:($first|$second)$" "$logs/nginx.log" | sort -u | wc -l)" = 2
check "the log names clients" "$(grep -c '^127\.0\.0\.1 \[' "$logs/nginx.log")" -gt 10

secure --http2 -Z --parallel-max 100 "$site/healthz#[1-1500]" >/dev/null 2>&1
check "a flood of requests is refused with 429, and what is in bounds answered" \
    "$(grep -oE '/healthz HTTP/2.0" (200|429)' "$logs/nginx.log" | sort -u | wc -l)" = 2
sleep 3.5 # until the bound has forgotten the flood

kill -KILL "$node_1"
wait "$node_1" 2>/dev/null
node_1=
failed=0
for _ in $(seq 1 60); do
    [ "$(secure -o /dev/null -w '%{http_code}' "$site/$tile")" = 200 ] || failed=$((failed + 1))
done
check "one node killed, every request is answered" "$failed" = 0
if event_within_a_second; then
    verdict ok "one node killed, commits are told" "$took ms"
else
    verdict FAILED "one node killed, commits are told" "$(tail -c 200 "$folder/events" | tr '\n' ' ')"
fi

# In the lost node's place one that answers with what it is told of the client.
if command -v node >/dev/null; then
    # shellcheck disable=SC2016 # what stands in the braces is Node's
    node -e 'require("http").createServer((request, answer) => answer.end(
        `${request.headers["x-forwarded-for"]} ${request.headers["x-forwarded-proto"]}`)).listen(+process.argv[1], "127.0.0.1")' "$first" &
    node_1=$!
    sleep 5.5 # until nginx tries that place again
    for _ in $(seq 1 40); do
        secure -H 'X-Forwarded-For: 192.0.2.1' --max-time 2 "$site/told"
        echo
    done >"$folder/told"
    check "nodes are told the client's address, not what the client says of it" "$(grep -x -c '127.0.0.1 https' "$folder/told")" -gt 0
    check "nothing that a client says of its address comes through" "$(grep -c '192.0.2.1' "$folder/told")" = 0
else
    verdict skipped "nodes are told the client's address, not what the client says of it" "needs Node"
fi
