#!/bin/sh
# format.sh CHECKOUT   fails naming each source that clang-format would change.
cd "$1" || exit 1
find geo tiles data services tests bench -name node_modules -prune -o \( -name '*.cpp' -o -name '*.hpp' \) -print0 2>/dev/null |
    LC_ALL=C sort -z | xargs -0 -n 20 -P 2 "${CLANG_FORMAT:-clang-format}" --dry-run -Werror --ferror-limit=1
