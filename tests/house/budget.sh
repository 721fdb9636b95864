#!/bin/sh
# Sizes of what is built, held to the bounds of docker/budget.toml.
#
#   budget.sh CHECKOUT BUILD   one line a size: name, bytes, bound; exit code 1 if one is beyond it.
#                              What is not built is named and passed over.
set -eu
home=$1
build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
beyond=0

bound() {
    awk -v section="[$1]" -v name="$2" '
        /^\[/ { inside = index($0, section) == 1 }
        inside && $1 == name { print $3; exit }' "$home/docker/budget.toml"
}
# held NAME BYTES
held() {
    limit=$(bound bytes "$1")
    printf '%-16s %10d of %10d\n' "$1" "$2" "$limit"
    if [ "$2" -gt "$limit" ]; then
        echo "$1 is larger than docker/budget.toml allows"
        beyond=1
    fi
}
# What the map's page loads before its map is there: itself, its scripts and styles, what they import at once.
first_page() {
    cat "$1/index.html"
    grep -oE '(src|href)="[^"]*\.(js|css)"' "$1/index.html" | sed 's/.*"\(.*\)"/\1/; s|^/console/||; s|^\./||' | sort -u |
        while read -r file; do cat "$1/$file"; done
}

if [ -f "$build/diaban" ]; then
    strip -o "$work/diaban" "$build/diaban"
    held program "$(wc -c <"$work/diaban")"
else
    echo "the program is not built"
fi
dist=$home/services/console/dist
if [ -f "$dist/index.html" ]; then
    held console_first "$(first_page "$dist" | gzip -9 | wc -c)"
    held console "$(find "$dist" -type f ! -name .built -exec cat {} + | wc -c)"
else
    echo "the console is not built"
fi
if [ -f "$work/diaban" ] && [ -f "$dist/index.html" ]; then
    held installed "$({ cat "$work/diaban"; find "$dist" -type f ! -name .built -exec cat {} +
        find "$home/styles" -type f ! -path '*/source/*' ! -name README.md -exec cat {} +
        find "$home/data/migrations" "$home/data/hazards" "$home/data/indicators" -type f -exec cat {} +; } | wc -c)"
fi
exit "$beyond"
