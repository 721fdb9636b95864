#!/usr/bin/env bash
# Writes the configuration of one member of a PostgreSQL that outlives a machine: etcd.yml and patroni.yml.
#
#   member.sh NAME FOLDER SECRETS MEMBER=ADDRESS…
#
#   NAME     which of the members this machine is
#   FOLDER   where its database, its etcd and both files lie; belongs to the user who runs them (postgres)
#   SECRETS  file of passwords, the same on every machine; made where there is none
#
# Three members at least, so that two are a majority; one of them may run etcd alone. Ports are PostgreSQL's,
# Patroni's and etcd's own, or HA_PORTS="SQL REST ETCD PEER".
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
[ $# -ge 6 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
name=$1
folder=$2
secrets=$3
shift 3
read -r sql_port rest_port etcd_port peer_port <<<"${HA_PORTS:-5432 8008 2379 2380}"

address=
etcd_hosts=
etcd_cluster=
for member in "$@"; do
    if [ "${member%%=*}" = "$name" ]; then address=${member#*=}; fi
    etcd_hosts+=${etcd_hosts:+,}${member#*=}:$etcd_port
    etcd_cluster+=${etcd_cluster:+,}${member%%=*}=http://${member#*=}:$peer_port
done
[ -n "$address" ] || { printf 'member.sh: %s is none of: %s\n' "$name" "$*" >&2; exit 2; }

umask 077
if [ ! -s "$secrets" ]; then
    for who in superuser replicator rewind rest; do printf '%s=%s\n' "$who" "$(openssl rand -hex 16)"; done >"$secrets"
fi
secret() { sed -n "s/^$1=//p" "$secrets"; }

mkdir -p "$folder/sockets"
for file in etcd.yml patroni.yml; do
    sed -e "s#@NAME@#$name#g; s#@ADDRESS@#$address#g; s#@DATA@#$folder#g" \
        -e "s#@SQL_PORT@#$sql_port#g; s#@REST_PORT@#$rest_port#g; s#@ETCD_PORT@#$etcd_port#g; s#@PEER_PORT@#$peer_port#g" \
        -e "s#@ETCD_HOSTS@#$etcd_hosts#g; s#@ETCD_CLUSTER@#$etcd_cluster#g" \
        -e "s#@SUPERUSER_PASSWORD@#$(secret superuser)#g; s#@REPLICATOR_PASSWORD@#$(secret replicator)#g" \
        -e "s#@REWIND_PASSWORD@#$(secret rewind)#g; s#@REST_PASSWORD@#$(secret rest)#g" \
        "$here/$file" >"$folder/$file"
done
