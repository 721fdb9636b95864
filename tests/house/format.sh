#!/bin/sh
# format.sh CHECKOUT   names each source that clang-format would change; fails if there is one.
cd "$1" || exit 1
changed=$(find geo tiles data services tests -name node_modules -prune -o \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
    LC_ALL=C sort -z | xargs -0 -n 20 -P 2 "${CLANG_FORMAT:-clang-format}" --dry-run -Werror --ferror-limit=1 2>&1 |
    sed -n 's/^\([^ :]*\):[0-9].*error:.*/\1/p' | sort -u)
[ -z "$changed" ] && exit 0
printf '%s\n' "clang-format -i would change:" "$changed"
exit 1
