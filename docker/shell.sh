# shellcheck shell=bash
# What every part of the launcher shares: where things lie, how it speaks, how it ends.
# Sourced by ../run and by the parts; `home` is the checkout.

home=${home:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)}

# One short name a checkout path, so that two checkouts share nothing.
checkout_name() {
    local sum
    sum=$(printf '%s' "$home" | sha1sum)
    printf '%s-%s' "$(basename "$home" | tr -c 'A-Za-z0-9\n' '-' | cut -c1-16)" "${sum:0:8}"
}

am_root() { [ "$(id -u)" -eq 0 ]; }

# Where a checkout's cluster, blobs, logs and stamps lie. PostgreSQL refuses to run as root and its
# user cannot enter /root, so root's state lies in /var/lib.
state_folder() {
    if [ -n "${DIABAN_STATE:-}" ]; then
        printf '%s' "$DIABAN_STATE"
    elif am_root; then
        printf '/var/lib/diaban/%s' "$(checkout_name)"
    else
        printf '%s/var' "$home"
    fi
}

state=$(state_folder)
logs=$state/log
# Node from npm, where Debian's is too old, is found before it.
PATH=$state/node/node_modules/.bin:$PATH

no_network='could not resolve|temporary failure|could not connect|failed to fetch|unable to connect'
no_network+='|network is unreachable|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT'

say() { printf '%s\n' "$*"; }

# One line that says what is wrong, and out.
fail() {
    printf 'run: %s\n' "$*" >&2
    exit 1
}

step_process=
step_watcher=

# step NAME LOG COMMAND…   runs the command with its output in $logs/LOG; the time and the last line of
# output are shown meanwhile. On failure the reason is one line and the log is named.
step() {
    local name=$1 log=$logs/$2 started=$SECONDS code=0
    shift 2
    mkdir -p "$logs" 2>/dev/null || fail_for_room "$logs"
    : >"$log"
    show_progress "$name" "$log" 9>&- &
    step_watcher=$!
    # In the background, so that a signal to us is heard at once; 9 is the lock, which no child may keep.
    "$@" >>"$log" 2>&1 </dev/null 9>&- &
    step_process=$!
    wait "$step_process" || code=$?
    step_process=
    kill "$step_watcher" 2>/dev/null || true
    wait "$step_watcher" 2>/dev/null || true
    step_watcher=
    if [ -t 1 ]; then printf '\r\033[K'; fi
    if [ "$code" -ne 0 ]; then
        if grep -qiE 'no space left on device|could not extend file' "$log"; then
            fail_for_room "$state" "$home"
        elif grep -qE "$no_network" "$log"; then
            fail "$name failed: no network (whole log: $log)"
        fi
        fail "$name failed: $(last_words "$log") (whole log: $log)"
    fi
    if [ $((SECONDS - started)) -ge 2 ]; then say "$name: $((SECONDS - started)) s"; fi
}

# end_tree PID   asks a process and all that it started to stop.
end_tree() {
    local child
    for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do end_tree "$child"; done
    kill -TERM "$1" 2>/dev/null || true
}

# For whoever ends early: the step that is under way ends too.
end_step() {
    if [ -n "$step_process" ]; then end_tree "$step_process"; fi
    if [ -n "$step_watcher" ]; then kill "$step_watcher" 2>/dev/null || true; fi
}

# On a terminal one line that changes, elsewhere a plain line a minute.
show_progress() {
    local started=$SECONDS every=60 pattern='%s: %d s so far, %.70s\n'
    if [ -t 1 ]; then every=0.5 pattern='\r\033[K%s… %d s  %.70s'; fi
    exec 8<> <(:) # nothing ever comes through it: a sleep without a child that outlives us
    while ! read -r -t "$every" -u 8; do
        # shellcheck disable=SC2059 # the pattern is one of the two above
        printf "$pattern" "$1" $((SECONDS - started)) \
            "$(tail -c 400 "$2" 2>/dev/null | tr '\r' '\n' | grep . | tail -n 1)"
    done
}

# The line of a log that most likely names the cause: a compiler's error, or else the first that speaks of
# one, or else the last.
last_words() {
    grep -m 1 -E ': (fatal )?error: ' "$1" | cut -c1-240 | grep . ||
        grep -m 1 -iE '(^|[^a-z_])(error|fatal|failed|cannot|unable|npm ERR!)' "$1" | cut -c1-240 | grep . ||
        grep . "$1" | tail -n 1 | cut -c1-240 | grep . || printf 'it said nothing'
}

free_megabytes() { df -Pm "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'; }

# The nearest folder above a path that exists.
standing_folder() {
    local folder=$1
    until [ -d "$folder" ]; do folder=$(dirname "$folder"); done
    printf '%s' "$folder"
}

# need_room MEGABYTES FOLDER   ends with one line where less is free.
need_room() {
    local folder left
    folder=$(standing_folder "$2")
    left=$(free_megabytes "$folder")
    [ -z "$left" ] || [ "$left" -ge "$1" ] ||
        fail "not enough room for $2: $left MB free, $1 MB needed"
}

# Something could not be written: say where and how much is left.
fail_for_room() {
    local folder
    for folder in "$@"; do
        folder=$(standing_folder "$folder")
        if [ "$(free_megabytes "$folder")" -lt 100 ]; then
            fail "the disk is full: $(free_megabytes "$folder") MB left at $folder"
        fi
    done
    fail "cannot write to $1"
}

# Is anyone listening on this port of this machine?
port_is_busy() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port that nobody listens on, from the given one upward.
free_port() {
    local port=$1
    while port_is_busy "$port"; do port=$((port + 1)); done
    printf '%s' "$port"
}

# end_process PID SECONDS   asks it to stop, insists after the time.
end_process() {
    local pid=$1 tenths=$(($2 * 10))
    kill -TERM "$pid" 2>/dev/null || return 0
    while [ "$tenths" -gt 0 ] && kill -0 "$pid" 2>/dev/null; do
        sleep 0.1
        tenths=$((tenths - 1))
    done
    kill -KILL "$pid" 2>/dev/null || true
}
