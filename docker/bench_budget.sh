# shellcheck shell=bash
# ./run bench budget: what Diaban weighs, beside docker/budget.toml. Sourced by bench.sh.

# budget SECTION NAME   a bound
budget() {
    awk -v section="[$1]" -v name="$2" '
        /^\[/ { inside = index($0, section) == 1 }
        inside && $1 == name { print $3; exit }' "$home/docker/budget.toml"
}

bench_budget() {
    local name bytes
    say "Sizes"
    build_console
    while read -r name bytes _; do
        if [ -n "$(budget bytes "$name")" ]; then
            line "size of $name" "$bytes" "$(budget bytes "$name")" B "docker/budget.toml" ">= 1"
        fi
    done < <(sh "$home/tests/house/budget.sh" "$home" "$home/build/release")
}
