#!/usr/bin/env bash
# The Debian package on a bare Debian 12 that is booted in a container: installed, served, upgraded,
# removed, purged.
#
#   installed.sh CHECKOUT FOLDER   CHECKOUT is built, console too; FOLDER is for the container's root.
#                                  As root. One line a case: ok, FAILED or skipped.
set -uo pipefail
checkout=$1
folder=$2
root=$folder/root
release=bookworm
nspawn=

verdict() { printf '%s %s%s\n' "$1" "$2" "${3:+: $3}"; }
# check NAME COMMAND…   a case; what the command prints last is the reason where it fails.
check() {
    local name=$1 said
    shift
    if said=$("$@" 2>&1 </dev/null); then
        verdict ok "$name"
    else
        verdict FAILED "$name" "$(tail -n 3 <<<"$said" | tr '\n' ' ')"
    fi
}
give_up() { verdict FAILED "$1" "$(tail -n 3 "$2" | tr '\n' ' ')"; exit 0; }

for tool in debootstrap systemd-nspawn dpkg-deb; do
    if [ "$(id -u)" -ne 0 ] || ! command -v "$tool" >/dev/null; then
        verdict skipped "the Debian package on a bare system" "needs root and $tool"
        exit 0
    fi
done

end_container() {
    local tries=300
    [ -n "$nspawn" ] || return 0
    kill -TERM "$nspawn" 2>/dev/null # an orderly shutdown
    while kill -0 "$nspawn" 2>/dev/null && [ "$tries" -gt 0 ]; do
        sleep 0.1
        tries=$((tries - 1))
    done
    kill -KILL "$nspawn" 2>/dev/null
    nspawn=
}
trap end_container EXIT

# What apt of this machine fetches the release from, one line an archive: URI, suite, components.
sources() {
    # shellcheck disable=SC2016 # the fields are apt's
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' |
        awk -v release="$release" '$2 ~ "^" release "(-updates|-security)?$" && $3 == "main"' | sort -u
}

make_root() {
    local uri
    uri=$(sources | awk -v release="$release" '$2 == release { print $1; exit }')
    [ -n "$uri" ] || { echo "apt knows no source of $release"; return 1; }
    debootstrap --variant=minbase --include=systemd,systemd-sysv,ca-certificates,curl "$release" "$root" "$uri" || return 1
    sources | sed 's/^/deb /' >"$root/etc/apt/sources.list"
    apt-config dump | grep '^Acquire::' >"$root/etc/apt/apt.conf.d/90host"
    printf 'APT::Install-Recommends "false";\n' >>"$root/etc/apt/apt.conf.d/90host"
}

# Runs a command in the root that is not booted, with the machine's network.
apart() {
    systemd-nspawn --quiet --register=no --keep-unit --pipe -D "$root" \
        --setenv=DEBIAN_FRONTEND=noninteractive --setenv=LC_ALL=C.UTF-8 "$@" </dev/null
}

# The first process of the container, once there is one.
leader() { pgrep -P "$nspawn" | head -n 1; }
# Runs a command in the booted container.
inside() {
    nsenter --target "$(leader)" --all -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}
boot() {
    local tries=300
    systemd-nspawn --quiet --register=no --keep-unit --private-network --boot -D "$root" \
        >"$folder/boot.log" 2>&1 </dev/null &
    nspawn=$!
    until inside systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; do
        kill -0 "$nspawn" 2>/dev/null || return 1
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.2
    done
}
await_ready() {
    local tries=300
    until inside curl -sf -o /dev/null --max-time 2 http://127.0.0.1:8090/readyz; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { inside systemctl status diaban --no-pager; return 1; }
        sleep 0.2
    done
}
# A package of a later version, whose own settings file is another than the one before.
later_package() {
    local tree=$folder/later
    dpkg-deb -R "$1" "$tree" || return 1
    sed -i 's/^Version: .*/&+later/' "$tree/DEBIAN/control"
    echo '# A later version says more.' >>"$tree/etc/diaban/diaban.toml"
    dpkg-deb --root-owner-group -b "$tree" "$2" >/dev/null
}
state() { inside systemctl show -P "$1" diaban; }
serves_console() { inside curl -sf --max-time 5 http://127.0.0.1:8090/console/ | grep -qi '<!doctype html>'; }
runs_as_its_user() { [ "$(inside ps -o user= -p "$(state MainPID)" | tr -d ' ')" = diaban ]; }
cannot_write_elsewhere() {
    # As the service sees the system: its own mounts.
    ! inside nsenter --target "$(state MainPID)" --mount -- touch /usr/share/diaban/x 2>/dev/null
}
doctor_is_content() {
    inside runuser -u diaban -- diaban doctor --lang en >"$folder/doctor.log" 2>&1
    local code=$?
    cat "$folder/doctor.log"
    [ "$code" -le 1 ] && ! grep -q ^fail "$folder/doctor.log" && grep -q 'running and ready' "$folder/doctor.log"
}
settings_are_secret() { [ "$(stat -c '%a' "$root/etc/diaban/diaban.toml")" = 640 ]; }
settings_are_kept() { grep -q '^port = 8090$' "$root/etc/diaban/diaban.toml" && ! grep -q 'later version' "$root/etc/diaban/diaban.toml"; }
# A job is a process of its own, under the bounds of the service.
runs_a_job() {
    local job tries=100
    job=$(inside curl -si --max-time 10 -H 'Content-Type: application/json' -H 'Prefer: respond-async' \
        -d '{"inputs": {"collection": "wind_levels", "format": "csv"}}' http://127.0.0.1:8090/processes/export/execution |
        sed -n 's/^[Ll]ocation: *//p' | tr -d '\r')
    until inside curl -s --max-time 5 "$job" | grep -q '"successful"'; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { inside curl -s --max-time 5 "$job"; return 1; }
        sleep 0.2
    done
}
# Drawn by the browser of a service apart, which is started when the server asks for it.
draws_a_picture() {
    inside curl -sf --max-time 90 -o /picture.png 'http://127.0.0.1:8090/maps/static?bbox=105.8,18.2,106,18.4&size=400x300' ||
        { inside journalctl -u diaban -u diaban-pictures --no-pager -n 20; return 1; }
    cp "$root/picture.png" "$folder/picture.png"
    rm "$root/picture.png"
    file "$folder/picture.png" | grep -qE 'PNG image data, 4[0-9]{2} x [3-9][0-9]{2}'
}
pictures() { inside systemctl show -P "$1" diaban-pictures.service; }
browser_is_another_users() {
    local user
    user=$(inside ps -o user= -p "$(pictures MainPID)" | tr -d ' ')
    [ -n "$user" ] && [ "$user" != diaban ] && [ "$user" != root ]
}
# As its own mounts have it.
browser_reads_no_settings() {
    local seen
    seen=$(inside nsenter --target "$(pictures MainPID)" --mount -- ls -A /etc/diaban /var/lib/diaban /run/postgresql | grep -v ':$')
    [ -z "$seen" ] || { echo "$seen"; return 1; }
}
server_runs_nothing_written() { [ "$(state MemoryDenyWriteExecute)" = yes ] && [ "$(state RestrictNamespaces)" = yes ]; }
takes_edits_of_nobody() {
    [ "$(inside curl -s -o /dev/null -w '%{http_code}' -X POST --max-time 5 http://127.0.0.1:8090/collections/places/items)" = 405 ]
}
# shellcheck disable=SC2016 # the field is dpkg's
upgrade() { inside dpkg --force-confold -i /later.deb && [ "$(inside dpkg-query -W -f '${Version}' diaban)" != "$version" ]; }
is_another_process() { [ "$(state MainPID)" != "$before" ] && [ "$(state ActiveState)" = active ]; }
remove() { inside dpkg --remove diaban; }
is_stopped_and_keeps_data() {
    ! inside curl -s -o /dev/null --max-time 2 http://127.0.0.1:8090/readyz && [ ! -e "$root/usr/bin/diaban" ] &&
        [ -e "$root/etc/diaban/diaban.toml" ] && [ -e "$root/var/lib/diaban/blobs/kept" ]
}
purge() { inside dpkg --purge diaban >"$folder/purge.log" 2>&1; cat "$folder/purge.log"; grep -q 'Its database stays' "$folder/purge.log"; }
nothing_is_left() {
    local left
    left=$(find "$root" -xdev \( -path "$root/proc" -o -path "$root/sys" \) -prune -o -iname '*diaban*' -print)
    left+=$(grep -E '^diaban:' "$root/etc/passwd" "$root/etc/group" "$root/etc/shadow")
    [ -z "$left" ] || { echo "$left"; return 1; }
}
database_is_kept() { inside runuser -u postgres -- psql -XAtc 'SELECT count(*) > 0 FROM diaban.migration' diaban | grep -qx t; }

mkdir -p "$root"
chmod 755 "$folder" "$root"
(cd "$checkout/build/release" && cpack -G DEB -B "$folder/package") >"$folder/cpack.log" 2>&1 || give_up "the package is built" "$folder/cpack.log"
package=$(find "$folder/package" -maxdepth 1 -name 'diaban_*.deb')
verdict ok "the package is built" "$(basename "$package"), $(du -h "$package" | cut -f1)"
check "its libraries are what it depends on" grep -qE 'libpqxx-6.4.*libproj25' <(dpkg-deb -f "$package" Depends)

make_root >"$folder/debootstrap.log" 2>&1 || give_up "a bare system is made" "$folder/debootstrap.log"
cp "$package" "$root/diaban.deb"
apart sh -c 'apt-get update && apt-get install -y postgresql-15 postgresql-15-postgis-3 procps chromium && apt-get install -y /diaban.deb' \
    >"$folder/install.log" 2>&1 || give_up "the package is installed" "$folder/install.log"
verdict ok "the package is installed"
rm "$root/diaban.deb"
version=$(dpkg-deb -f "$package" Version)
# Other ports than the machine's own server would have; so the settings are the owner's from here on.
sed -i 's/^port = .*/port = 8090/; s/^live_port = .*/live_port = 8091/' "$root/etc/diaban/diaban.toml"

boot || give_up "the system boots" "$folder/boot.log"
verdict ok "the system boots"
check "the database is made on the machine's PostgreSQL" inside /usr/share/diaban/database.sh
check "making it again changes nothing" inside /usr/share/diaban/database.sh
check "the service starts" inside systemctl enable --now diaban
check "/readyz answers" await_ready
check "the console is served" serves_console
check "the service runs as its own user" runs_as_its_user
check "the service cannot write to the program" cannot_write_elsewhere
check "a job runs within the service's bounds" runs_a_job
check "the service of pictures is switched on" inside systemctl enable --now diaban-pictures.socket
check "a picture of a map is drawn" draws_a_picture
check "the browser runs as another user than the server" browser_is_another_users
check "the browser reads neither settings nor files of the server" browser_reads_no_settings
check "the server may still not run what it has written" server_runs_nothing_written
check "it takes no edits until it is told to" takes_edits_of_nobody
check "the settings are closed to others" settings_are_secret
check "the doctor finds no fault" doctor_is_content
inside systemd-analyze security diaban --no-pager 2>/dev/null | tail -n 1 >"$folder/exposure"
verdict ok "exposure of the service, as systemd sees it" "$(grep -oE '[0-9.]+ [A-Z]+' "$folder/exposure")"
inside systemd-analyze security diaban-pictures --no-pager 2>/dev/null | tail -n 1 >"$folder/exposure"
verdict ok "exposure of the service of pictures" "$(grep -oE '[0-9.]+ [A-Z]+' "$folder/exposure")"
inside runuser -u diaban -- mkdir -p /var/lib/diaban/blobs
inside runuser -u diaban -- touch /var/lib/diaban/blobs/kept

before=$(state MainPID)
later_package "$package" "$root/later.deb"
check "a later version is installed over it" upgrade
rm "$root/later.deb"
check "the upgrade keeps the settings" settings_are_kept
check "the upgrade restarts the service" is_another_process
check "/readyz answers after the upgrade" await_ready

check "the package is removed" remove
check "removed, it is stopped and keeps settings and data" is_stopped_and_keeps_data
check "the package is purged, and says what stays" purge
check "purged, it leaves nothing of itself" nothing_is_left
check "the database is PostgreSQL's, and stays" database_is_kept
