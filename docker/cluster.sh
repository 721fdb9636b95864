# shellcheck shell=bash
# Diaban's private PostgreSQL cluster: one folder a checkout, a socket in a folder that only its owner
# enters, no TCP. Sourced.
#
#   cluster_open FOLDER SOCKETS durable|throwaway   creates it if it is not there, starts it if it stands
#   cluster_close                                   stops what cluster_open found or started
#   cluster_uri DATABASE                            how to reach it, as its superuser

cluster_tools=/usr/lib/postgresql/15/bin
cluster_folder=
cluster_sockets=

# A command of PostgreSQL, as the user who owns the cluster, from a folder that user may stand in.
as_cluster_owner() {
    if am_root; then
        (cd / && runuser -u postgres -- "$@")
    else
        (cd / && "$@")
    fi
}

# A folder of the cluster's owner that nobody else enters.
own_folder() {
    [ -d "$1" ] || mkdir -p "$1" 2>/dev/null || fail_for_room "$1"
    if am_root; then chown postgres:postgres "$1"; fi
    chmod 700 "$1" 2>/dev/null || fail "$1 belongs to someone else"
}

# Where the socket lies: its path may have 107 bytes at most, ".s.PGSQL.5432" included.
socket_folder() {
    if am_root; then
        printf '/run/diaban/%s' "$(checkout_name)"
    else
        printf '%s/diaban-%s-%s' "${XDG_RUNTIME_DIR:-/tmp}" "$(id -u)" "$(checkout_name)"
    fi
}

cluster_is_up() {
    as_cluster_owner "$cluster_tools/pg_ctl" -D "$cluster_folder" status >/dev/null 2>&1
}

# What a cluster is started with. A sixteenth of the memory for its buffers: the mirror serves the reads.
cluster_options() {
    local megabytes
    megabytes=$(awk '/^MemTotal/ { print int($2 / 16384) }' /proc/meminfo)
    [ "$megabytes" -ge 128 ] || megabytes=128
    [ "$megabytes" -le 1024 ] || megabytes=1024
    printf -- "-c %s " listen_addresses= "unix_socket_directories='$cluster_sockets'" \
        unix_socket_permissions=0700 max_connections=200 "shared_buffers=${megabytes}MB" \
        maintenance_work_mem=256MB max_wal_size=4GB wal_compression=lz4 random_page_cost=1.1 jit=off \
        timezone=UTC log_timezone=UTC
    if [ "$1" = throwaway ]; then
        printf -- '-c %s ' fsync=off synchronous_commit=off full_page_writes=off
    fi
}

cluster_open() {
    local folder=$1 kind=$3 checksums=()
    cluster_folder=$folder/pg
    cluster_sockets=$2
    [ $((${#cluster_sockets} + 14)) -le 107 ] || fail "the path of the socket folder is too long: $cluster_sockets"
    [ -x "$cluster_tools/initdb" ] || fail "PostgreSQL 15 is missing (package postgresql-15)"
    own_folder "$cluster_folder"
    own_folder "$cluster_sockets"
    if [ "$kind" = durable ]; then checksums=(--data-checksums); else checksums=(--no-sync); fi
    if [ ! -s "$cluster_folder/PG_VERSION" ]; then
        step "Creating the database cluster" initdb.log as_cluster_owner "$cluster_tools/initdb" \
            -D "$cluster_folder" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 "${checksums[@]}"
    fi
    cluster_is_up ||
        step "Starting the database" postgres-start.log as_cluster_owner "$cluster_tools/pg_ctl" \
            -D "$cluster_folder" -w -t 120 -s -l "$cluster_folder/server.log" \
            -o "$(cluster_options "$kind")" start
}

cluster_close() {
    [ -n "$cluster_folder" ] && [ -s "$cluster_folder/postmaster.pid" ] || return 0
    as_cluster_owner "$cluster_tools/pg_ctl" -D "$cluster_folder" -w -t 60 -m fast -s stop >/dev/null 2>&1 ||
        as_cluster_owner "$cluster_tools/pg_ctl" -D "$cluster_folder" -w -t 10 -m immediate -s stop >/dev/null 2>&1 ||
        true
}

cluster_uri() { printf 'postgresql://postgres@/%s?host=%s' "$1" "$cluster_sockets"; }

# One answer of the database, unadorned.
ask() {
    local database=$1
    shift
    psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$(cluster_uri "$database")" "$@"
}

database_exists() { [ "$(ask postgres -c "select 1 from pg_database where datname = '$1'")" = 1 ]; }
