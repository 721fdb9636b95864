#!/usr/bin/env bash
# Installs what Diaban needs on Debian 12: the one list of packages, for ../run and Dockerfile alike.
#
#   docker/install.sh PART…     build    compiler and libraries
#                               serve    libraries of the built program
#                               record   PostgreSQL with PostGIS
#                               console  Node and npm, to build the web application
#                               check    what questions a running server
#                               picture  browser that draws pictures of maps
#                               nature   coast and rivers for a demo without data
#                               test     browser, checks of format and scripts, pgRouting
#                               qgis     QGIS, for its test (DIABAN_QGIS=1)
#                               tidy     the slow checks of style
#                               fuzz     compiler and runtime of the fuzzers
#                               package  building the Debian package, and a bare system to try it on
#                               proxy    nginx, which stands before nodes
#                               availability  Patroni and etcd, pgBackRest and rsync, HAProxy
#                               faults   clocks, disks and networks that fail
#                               bench    what the benchmarks compare with
#
# One dpkg-query when nothing is missing; one apt-get call, as root or through sudo, when something is.
set -euo pipefail
# shellcheck source=docker/shell.sh
. "$(dirname "${BASH_SOURCE[0]}")/shell.sh"

declare -A packages=(
    [build]="g++ cmake ninja-build pkg-config
        fonts-noto-core libbenchmark-dev libboost-dev libboost-test-dev libbrotli-dev libcairo2-dev libcjose-dev libcli11-dev
        libcurl4-openssl-dev libdeflate-dev libjansson-dev
        libfmt-dev libgdal-dev libgeos-dev libicu-dev libmosquitto-dev libpistache-dev libpng-dev libpq-dev libpqxx-dev libproj-dev
        libprotozero-dev libpugixml-dev libsodium-dev libspdlog-dev libsqlite3-dev libssl-dev libtomlplusplus-dev libxlsxwriter-dev
        libxxhash-dev libzstd-dev libpango1.0-dev nlohmann-json3-dev rapidjson-dev"
    [serve]="curl fonts-noto-core libbrotli1 libcairo2 libcjose0 libcurl4 libdeflate0 libfmt9 libgdal32 libgeos-c1v5 libicu72 libmosquitto1 libpangocairo-1.0-0 libpistache0 libpng16-16 libpq5 libpqxx-6.4
        libproj25 libpugixml1v5 libsodium23 libspdlog1.10 libsqlite3-0 libssl3 libxlsxwriter4 libxxhash0 libzstd1 proj-data"
    [record]="postgresql-15 postgresql-15-postgis-3 postgresql-15-postgis-3-scripts"
    [console]=""
    [check]="ca-certificates curl gdal-bin jq"
    [nature]="gmt gmt-gshhg-full"
    [picture]="chromium"
    [broker]="mosquitto mosquitto-clients"
    [test]="chromium clang-format libxml2-utils mosquitto mosquitto-clients poppler-utils postgresql-15-pgrouting prometheus shellcheck"
    [qgis]="python3-qgis"
    [tidy]="clang-tidy-16"
    [fuzz]="clang-16 libclang-rt-16-dev"
    [package]="debootstrap dpkg-dev file systemd-container"
    [proxy]="curl nginx-light"
    [availability]="curl etcd-server haproxy openssl patroni pgbackrest rsync"
    [faults]="bsdextrautils e2fsprogs faketime iproute2"
    [bench]="binutils gdal-bin gnuplot-nox grass-core postgresql-15-pgrouting saga wrk"
)

# The console's tools need Node 20.19; Debian 12 has 18.
node_suffices() {
    local version major minor
    version=$(node --version 2>/dev/null) && command -v npm >/dev/null || return 1
    IFS=. read -r major minor _ <<<"${version#v}"
    [ "$major" -gt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -ge 19 ]; }
}

missing_packages() {
    local wanted=("$@")
    # dpkg-query fails for a name that it does not know; what it prints is what counts.
    { dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' "${wanted[@]}" 2>/dev/null || true; } |
        awk -v wanted="${wanted[*]}" '
            sub(/^ii +/, "") { have[$0] = 1 }
            END { n = split(wanted, names, " ")
                  for (i = 1; i <= n; i++)
                      if (!(names[i] in have) && !seen[names[i]]++) printf "%s ", names[i] }'
}

# Why apt-get failed, in one line.
apt_failure() {
    local log=$1 names=$2
    if grep -qiE 'no space left|not have enough free space|enough free space in' "$log"; then
        fail_for_room /var/cache/apt /usr
    elif grep -qiE 'could not get lock|unable to acquire the dpkg' "$log"; then
        fail "another package manager is at work; try again when it is done"
    elif grep -qiE "$no_network" "$log"; then
        fail "no network: cannot download the Debian packages $names"
    elif grep -qiE 'unable to locate package|has no installation candidate' "$log"; then
        fail "this system's sources lack packages that Debian 12 \"main\" has: $(grep -oiE \
            'unable to locate package [^ ]+' "$log" | awk '{ print $NF }' | sort -u | tr '\n' ' ')"
    fi
    fail "apt-get failed: $(last_words "$log") (whole log: $log)"
}

install_packages() {
    local names=$1 log as_root=()
    command -v apt-get >/dev/null || fail "these packages are missing: $names(Diaban installs them on Debian 12 only)"
    if ! am_root; then
        if ! command -v sudo >/dev/null || ! { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
            fail "Debian packages are missing; as root: apt-get install --no-install-recommends $names"
        fi
        as_root=(sudo)
    fi
    mkdir -p "$logs" 2>/dev/null || fail_for_room "$logs"
    log=$logs/apt.log
    say "Installing Debian packages: $names"
    # Debian would create and start a cluster of its own on a TCP port; Diaban's is private.
    if ! dpkg-query -W postgresql-common >/dev/null 2>&1; then
        "${as_root[@]}" mkdir -p /etc/postgresql-common/createcluster.d
        printf '# Written by Diaban, whose cluster is private.\ncreate_main_cluster = false\n' |
            "${as_root[@]}" tee /etc/postgresql-common/createcluster.d/diaban.conf >/dev/null
    fi
    # Nor do servers begin by themselves: what is wanted are the programs.
    local unit quiet=()
    for unit in nginx-light=nginx etcd-server=etcd haproxy=haproxy patroni=patroni prometheus=prometheus; do
        if [[ " $names" == *" ${unit%=*} "* ]] && command -v systemctl >/dev/null; then
            quiet+=("${unit#*=}.service")
        fi
    done
    if [ "${#quiet[@]}" -gt 0 ]; then "${as_root[@]}" systemctl mask --quiet "${quiet[@]}"; fi
    local options=(-y -o "DPkg::Lock::Timeout=300" -o Acquire::Retries=2 --no-install-recommends)
    local code=0
    # A source of somebody else's that cannot be read must not stop us: update may fail.
    # shellcheck disable=SC2086 # names is a list of words
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C sh -c '
        apt-get update || true; apt-get install "$@"' apt "${options[@]}" $names >"$log" 2>&1 </dev/null || code=$?
    if [ "${#quiet[@]}" -gt 0 ]; then
        "${as_root[@]}" systemctl unmask --quiet "${quiet[@]}"
        "${as_root[@]}" systemctl disable --quiet "${quiet[@]}" 2>/dev/null || true
    fi
    [ "$code" -eq 0 ] || apt_failure "$log" "$names"
}

# Debian's Node where it suffices, or else npm's `node@22` in the state folder, with an npm that fits it
# (Debian's npm finds its modules only under Debian's node).
install_node() {
    local log=$logs/node.log
    node_suffices && return
    say "Installing Node 22"
    mkdir -p "$state/node" "$logs" 2>/dev/null || fail_for_room "$state"
    npm install --prefix "$state/node" --no-fund --no-audit node@22 npm@10 >"$log" 2>&1 </dev/null || {
        grep -qiE "$no_network" "$log" &&
            fail "no network: cannot fetch Node 22 from npm"
        fail "npm failed: $(last_words "$log") (whole log: $log)"
    }
    hash -r
    node_suffices || fail "Node 20.19 or later is needed; found $(node --version 2>/dev/null || echo none)"
}

wanted=()
want_node=0
for part in "$@"; do
    [ -n "${packages[$part]+known}" ] || fail "no such part: $part (there are: ${!packages[*]})"
    read -r -d '' -a names <<<"${packages[$part]}" || true
    wanted+=("${names[@]}")
    if [ "$part" = console ]; then want_node=1; fi
done
if [ "$want_node" = 1 ] && ! node_suffices && ! command -v npm >/dev/null; then wanted+=(nodejs npm); fi

if [ "${#wanted[@]}" -gt 0 ]; then
    command -v dpkg-query >/dev/null || fail "Diaban runs on Debian 12; this system has no dpkg"
    missing=$(missing_packages "${wanted[@]}")
    if [ -n "$missing" ]; then install_packages "$missing"; fi
fi
if [ "$want_node" = 1 ]; then install_node; fi
