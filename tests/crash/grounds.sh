# shellcheck shell=bash
# What a fault is made of besides processes: small disks, networks, a slow way to the database. Wants folder and what nodes.sh
# has; sourced by staying_up.sh.
#
#   open_disk NAME MEGABYTES   mounts a file as a disk at FOLDER/NAME; false without the right to
#   fill_disk PATH, free_disk PATH
#   open_network               database and two nodes in networks of their own, joined by a bridge; restarts all three
#   cut_node, join_node        takes the first node's cable out of the bridge, and puts it back
#   with_relay, without_relay  restarts the node behind a relay whose delay FOLDER/delay says

opened_disks=()
networks=()
other_ground=()

open_disk() {
    local at=$folder/$1
    mkdir -p "$at"
    command -v mkfs.ext4 >/dev/null && truncate -s "$2M" "$at.image" && mkfs.ext4 -q -m 0 "$at.image" &&
        mount -o loop "$at.image" "$at" 2>/dev/null || return 1
    chmod 711 "$at"
    opened_disks+=("$at")
}

fill_disk() {
    local left
    left=$(df -P -B1 "$1" | awk 'NR == 2 { print $4 }')
    fallocate -l "$((left - 65536))" "$1/filler"
    dd if=/dev/zero of="$1/filler-too" bs=4096 status=none 2>/dev/null # until there is nothing left
    sync -f "$1"
}

free_disk() { rm -f "$1/filler" "$1/filler-too"; }

close_disks() {
    local at
    for at in "${opened_disks[@]}"; do
        umount "$at" 2>/dev/null || { sleep 1; umount "$at" 2>/dev/null; } || umount -l "$at"
        rm -f "$at.image"
    done
}

# Names of this process's own, so that two runs share none.
network() { printf 'diaban-%s-%s' "$$" "$1"; }
in_network() { nsenter --net="/run/netns/$(network "$1")" "${@:2}"; }

make_network() { # NAME
    ip netns add "$(network "$1")" 2>/dev/null || return 1
    networks+=("$1")
    in_network "$1" ip link set lo up
}

open_network() {
    local number=1 name
    am_root && make_network db && in_network db ip link add bridge type bridge || return 1
    in_network db ip addr add 10.77.0.1/24 dev bridge
    in_network db ip link set bridge up
    for name in one two; do
        number=$((number + 1))
        make_network "$name" || return 1
        in_network db ip link add "to-$name" type veth peer name eth0 netns "$(network "$name")"
        in_network db ip link set "to-$name" master bridge up
        in_network "$name" ip addr add "10.77.0.$number/24" dev eth0
        in_network "$name" ip link set eth0 up
    done
    end_node TERM
    cluster_close
    echo 'host all all 10.77.0.0/24 trust' >>"$cluster_folder/pg_hba.conf"
    database_ground=(nsenter --net="/run/netns/$(network db)")
    database_options='-c listen_addresses=10.77.0.1'
    start_database || return 1
    node_uri=postgresql://postgres@10.77.0.1/diaban_up
    unset DIABAN_MQTT
    other_ground=(nsenter --net="/run/netns/$(network two)")
    node_ground=("${other_ground[@]}")
    serve "$other_port" none || return 1
    helpers+=("$served")
    node_ground=(nsenter --net="/run/netns/$(network one)")
    start_node
}

cut_node() { in_network db ip link set to-one nomaster; }
join_node() { in_network db ip link set to-one master bridge; }

close_network() {
    local name
    for name in "${networks[@]}"; do ip netns del "$(network "$name")" 2>/dev/null; done
}

with_relay() {
    mkdir -p "$folder/relay"
    echo 0 >"$folder/delay"
    "$tool" --database "$uri" relay --from "$folder/relay/.s.PGSQL.5432" --to "$cluster_sockets/.s.PGSQL.5432" \
        --delay "$folder/delay" 2>>"$logs/load.log" &
    helpers+=($!)
    until [ -S "$folder/relay/.s.PGSQL.5432" ]; do sleep 0.05; done
    node_uri="postgresql://postgres@/diaban_up?host=$folder/relay"
    end_node TERM
    start_node
}

without_relay() {
    node_uri=
    end_node TERM
    start_node
}
