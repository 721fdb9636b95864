# shellcheck shell=bash
# Members of a PostgreSQL under Patroni, set up by docker/ha/member.sh, on loopback addresses of their own:
# each a "machine" with etcd, Patroni and a database. Sourced after tests/crash/nodes.sh; wants folder.

# shellcheck disable=SC2154 # home, folder and logs are of those who source this
declare -A member_address=([a]=127.0.0.1 [b]=127.0.0.2 [c]=127.0.0.3)
declare -A etcd_process=() patroni_process=()
member_base= # PostgreSQL's port; Patroni and etcd follow

# Becomes a program of the owner of the databases. Only with &: its number is then in $!.
become_member() {
    cd / || exit 1
    if am_root; then exec setpriv --reuid postgres --regid postgres --init-groups -- "$@"; fi
    exec "$@"
}

members_configure() {
    local name
    member_base=$(free_port 18700)
    own_folder "$folder/members"
    for name in a b c; do
        own_folder "$folder/members/$name"
        HA_PORTS="$member_base $((member_base + 1)) $((member_base + 2)) $((member_base + 3))" \
            bash "$home/docker/ha/member.sh" "$name" "$folder/members/$name" "$folder/members/secrets" \
            a=127.0.0.1 b=127.0.0.2 c=127.0.0.3 || return 1
        if am_root; then chown -R postgres:postgres "$folder/members/$name"; fi
    done
}

member_etcd() { # NAME
    become_member etcd --config-file "$folder/members/$1/etcd.yml" >>"$logs/etcd-$1.log" 2>&1 </dev/null &
    etcd_process[$1]=$!
}
member_patroni() { # NAME
    become_member env PATH="/usr/bin:/bin" patroni "$folder/members/$1/patroni.yml" >>"$logs/patroni-$1.log" 2>&1 </dev/null &
    patroni_process[$1]=$!
}

# What Patroni says of a member: the status of a path of its REST interface.
member_is() { # NAME PATH
    [ "$(curl -s -o /dev/null --max-time 2 -w '%{http_code}' "http://${member_address[$1]}:$((member_base + 1))/$2")" = 200 ]
}
member_primary() { # NAME…   which of them is the primary
    local name
    for name in "$@"; do if member_is "$name" primary; then printf '%s' "$name" && return; fi; done
    return 1
}
# The standby that may take over, as Patroni knows it.
member_synchronous() { # NAME…
    local name
    for name in "$@"; do if member_is "$name" synchronous; then printf '%s' "$name" && return; fi; done
    return 1
}

# patiently TENTHS COMMAND…   until it succeeds.
patiently() {
    local tenths=$1
    shift
    until "$@" >/dev/null 2>&1; do
        tenths=$((tenths - 1))
        [ "$tenths" -gt 0 ] || return 1
        sleep 0.1
    done
}

switch_over() { # FROM TO
    curl -s --max-time 30 -u "patroni:$(sed -n 's/^rest=//p' "$folder/members/secrets")" -H 'Content-Type: application/json' \
        -d "{\"leader\": \"$1\", \"candidate\": \"$2\"}" "http://${member_address[$1]}:$((member_base + 1))/switchover"
}

# The URI of a database for servers: whichever member takes writes.
members_uri() { # DATABASE NAME…
    local database=$1 hosts='' name
    shift
    for name in "$@"; do hosts+=${hosts:+,}${member_address[$name]}:$member_base; done
    printf 'postgresql://postgres:%s@%s/%s?target_session_attrs=read-write&connect_timeout=2' \
        "$(sed -n 's/^superuser=//p' "$folder/members/secrets")" "$hosts" "$database"
}

# A machine that goes without a word: database, Patroni and etcd at once.
member_kill() { # NAME
    local postmaster victims
    postmaster=$(head -n 1 "$folder/members/$1/pg/postmaster.pid" 2>/dev/null)
    # A number that a killed database left behind may be somebody else's by now.
    grep -qs "$folder/members/$1/pg" "/proc/${postmaster:-none}/cmdline" || postmaster=
    victims="${patroni_process[$1]:-} ${etcd_process[$1]:-} $postmaster"
    if [ -n "$postmaster" ]; then victims+=" $(pgrep -P "$postmaster" | tr '\n' ' ')"; fi
    # shellcheck disable=SC2086 # numbers
    kill -KILL $victims 2>/dev/null
    wait "${patroni_process[$1]:-}" "${etcd_process[$1]:-}" 2>/dev/null
    unset "patroni_process[$1]" "etcd_process[$1]"
}

members_end() {
    local name
    for name in a b c; do member_kill "$name"; done
}
