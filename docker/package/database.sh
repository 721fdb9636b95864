#!/bin/sh
# Makes the database of Diaban on this machine's own PostgreSQL: the login `diaban`, which enters by its
# system user's name, the database, its tables. Safe to run again. As root.
set -eu
name=${1:-diaban}
case $name in
    *[!a-z0-9_]* | '') echo "usage: $0 [NAME]   (small letters, digits and _)" >&2; exit 2 ;;
esac
command -v psql >/dev/null || { echo "PostgreSQL is missing: apt-get install postgresql-15-postgis-3" >&2; exit 1; }
cd /

as_postgres() { runuser -u postgres -- "$@"; }
ask() { as_postgres psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }

ask postgres '' || {
    echo "PostgreSQL does not answer on this machine; where it has no cluster: pg_createcluster --start 15 main" >&2
    exit 1
}

[ "$(ask postgres "SELECT 1 FROM pg_roles WHERE rolname = 'diaban'")" = 1 ] ||
    as_postgres createuser --no-superuser --no-createdb --no-createrole diaban
[ "$(ask postgres "SELECT 1 FROM pg_database WHERE datname = '$name'")" = 1 ] ||
    as_postgres createdb --encoding=UTF8 --locale=C.UTF-8 --template=template0 "$name"
# Roles, extensions and marks of functions are the superuser's to make.
as_postgres env DIABAN_HOME=/usr/share/diaban diaban migrate --database "postgresql:///$name"
ask postgres 'GRANT diaban_owner, diaban_feed, diaban_serve, diaban_edit, diaban_access TO diaban'
