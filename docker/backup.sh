#!/usr/bin/env bash
# Backs up the record and its blobs, and restores both to any moment in between (pgBackRest, rsync).
#
#   backup.sh prepare          once: says to PostgreSQL where its log goes; it then needs a restart
#   backup.sh make             a backup of everything; the first is whole, those within a week are differences
#   backup.sh blobs            blobs alone: what was added since, in seconds; every few minutes
#   backup.sh restore FOLDER [--time INSTANT | --mark NAME]
#                              into FOLDER/pg and FOLDER/blobs, as of that moment or the last there is; the
#                              database then runs, with a new generation of the change feed, and its URI is said
#   backup.sh check            whether the last backup can be read and the log arrives
#
# Settings (variables): DIABAN_BACKUP the folder of the backups (/var/backups/diaban), DIABAN_PG the database's
# (/var/lib/postgresql/15/main), DIABAN_PG_SOCKETS (/run/postgresql), DIABAN_PG_PORT (5432), DIABAN_BLOBS
# (/var/lib/diaban/blobs), DIABAN_BACKUP_KEEP how many whole backups are kept (2).
#
# Order: blobs, database, blobs. A file lies under its name before its row is committed, and a sweep takes no
# file younger than a day. So what a row of the backup names either lay there before the first pass, or is
# younger than the backup and lies there still at the second: no row lacks its file. What the folder of the
# backup holds is never removed by a pass, so moments between two backups are whole too, if a pass ran since
# and they follow each other within a day.
set -euo pipefail

backup=${DIABAN_BACKUP:-/var/backups/diaban}
data=${DIABAN_PG:-/var/lib/postgresql/15/main}
sockets=${DIABAN_PG_SOCKETS:-/run/postgresql}
port=${DIABAN_PG_PORT:-5432}
blobs=${DIABAN_BLOBS:-/var/lib/diaban/blobs}
keep=${DIABAN_BACKUP_KEEP:-2}
tools=/usr/lib/postgresql/15/bin
configuration=$backup/pgbackrest.conf

fail() { printf 'backup.sh: %s\n' "$*" >&2; exit 1; }

# As the user whom the database belongs to, from a folder that user may stand in.
as_owner() {
    if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else (cd / && "$@"); fi
}
pgbackrest_do() { as_owner pgbackrest --config="$configuration" --stanza=diaban --log-level-console=warn "$@"; }
ask() { as_owner psql -XAtq -v ON_ERROR_STOP=1 -h "$sockets" -p "$port" -U postgres -d "${database:-postgres}" "$@"; }

prepare() {
    mkdir -p "$backup/blobs" "$backup/database" "$backup/log" "$backup/lock"
    chmod 700 "$backup"
    cat >"$configuration" <<END
[global]
repo1-path=$backup/database
repo1-retention-full=$keep
compress-type=zst
start-fast=y
process-max=2
log-path=$backup/log
lock-path=$backup/lock

[diaban]
pg1-path=$data
pg1-socket-path=$sockets
pg1-port=$port
pg1-user=postgres
END
    if [ "$(id -u)" -eq 0 ]; then chown -R postgres:postgres "$backup"; fi
    ask -c "alter system set archive_mode = 'on'" -c "alter system set archive_timeout = '60s'" \
        -c "alter system set archive_command = 'pgbackrest --config=$configuration --stanza=diaban archive-push %p'"
    ask -c 'select pg_reload_conf()' >/dev/null
    pgbackrest_do stanza-create
    if [ "$(ask -c 'show archive_mode')" != on ]; then printf 'Restart PostgreSQL: its log is archived from then on.\n'; fi
}

# What was added; files are whole under their names, whatever moment this stops at.
take_blobs() { # FROM TO
    [ -d "$1" ] || return 0
    mkdir -p "$2"
    rsync -a --fsync --ignore-existing --exclude=/unfinished --exclude=/prepared "$1/" "$2/"
}

make_backup() {
    local kind=diff
    # Without a whole one before it a difference is whole by itself.
    [ -n "$(find "$backup/whole" -mtime -7 2>/dev/null)" ] || kind=full
    take_blobs "$blobs" "$backup/blobs"
    pgbackrest_do backup --type=$kind
    if [ "$kind" = full ]; then touch "$backup/whole"; fi
    take_blobs "$blobs" "$backup/blobs"
}

# Files of the settings where Debian keeps them outside of the database's folder.
complete_folder() { # FOLDER
    as_owner test -e "$1/postgresql.conf" || as_owner touch "$1/postgresql.conf"
    printf 'local all all trust\n' | as_owner tee "$1/pg_hba.restored" >/dev/null # its socket is its owner's alone
}

start_restored() { # FOLDER SOCKETS
    as_owner "$tools/pg_ctl" -D "$1" -W -s -l "$1/restore.log" -o "-c listen_addresses= -c unix_socket_directories='$2' \
        -c unix_socket_permissions=0700 -c port=$port -c hba_file='$1/pg_hba.restored' -c hot_standby=off" start >/dev/null
    local tries=36000
    until [ "$(as_owner psql -XAtq -h "$2" -p "$port" -U postgres -d postgres -c 'select pg_is_in_recovery()' 2>/dev/null)" = f ]; do
        tries=$((tries - 1))
        if [ "$tries" -le 0 ] || ! as_owner "$tools/pg_ctl" -D "$1" status >/dev/null 2>&1; then
            fail "the restored database does not start: $(as_owner tail -n 3 "$1/restore.log" | tr '\n' ' ')"
        fi
        sleep 0.1
    done
}

# Rows that name a file which is not there, or another than its name says.
missing_blobs() { # FOLDER
    local name size
    ask -F ' ' -c 'select sha256, size from diaban.blob' | while read -r name size; do
        if [ "$(stat -c %s "$1/${name:0:2}/$name" 2>/dev/null)" != "$size" ]; then
            printf '%s\n' "$name"
        elif [ "$(sha256sum <"$1/${name:0:2}/$name")" != "$name  -" ]; then
            printf '%s\n' "$name"
        fi
    done
}

restore() {
    local target=() folder=$1 missing
    case ${2:-} in
        --time) target=(--type=time "--target=$3" --target-action=promote) ;;
        --mark) target=(--type=name "--target=$3" --target-action=promote) ;;
        '') ;;
        *) fail "restore does not know \"$2\"" ;;
    esac
    [ ! -e "$folder/pg/PG_VERSION" ] || fail "$folder/pg holds a database; restore into another folder"
    mkdir -p "$folder/pg" "$folder/sockets" "$folder/blobs"
    chmod 700 "$folder/pg" "$folder/sockets"
    if [ "$(id -u)" -eq 0 ]; then chown postgres:postgres "$folder" "$folder/pg" "$folder/sockets"; fi
    pgbackrest_do restore --pg1-path="$folder/pg" --archive-mode=off "${target[@]}"
    complete_folder "$folder/pg"
    start_restored "$folder/pg" "$folder/sockets"
    take_blobs "$backup/blobs" "$folder/blobs"
    sockets=$folder/sockets
    for database in $(ask -c "select datname from pg_database where datallowconn and datname <> 'template1'"); do
        [ -n "$(ask -c "select to_regclass('diaban.instance')")" ] || continue
        # What nodes kept of the old course of things is not of this one.
        printf '%s: generation %s' "$database" "$(ask -c 'select diaban.new_generation()')"
        missing=$(missing_blobs "$folder/blobs" | wc -l)
        printf ', %s blobs, %s missing\n' "$(ask -c 'select count(*) from diaban.blob')" "$missing"
        printf 'postgresql://postgres@/%s?host=%s&port=%s\n' "$database" "$sockets" "$port"
    done
}

command=${1:-}
[ -n "$command" ] && shift
case $command in
    prepare) prepare ;;
    make) make_backup ;;
    blobs) take_blobs "$blobs" "$backup/blobs" ;;
    restore) [ $# -ge 1 ] || fail "restore where to?"; restore "$@" ;;
    check) pgbackrest_do check && pgbackrest_do verify ;;
    *) sed -n '2,20s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
