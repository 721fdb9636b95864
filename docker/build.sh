# shellcheck shell=bash
# Building the program and the console; each does nothing, quickly, when nothing changed. Sourced.

# build_program PRESET TARGET…
build_program() {
    local preset=$1 folder=$home/build/$1
    shift
    if [ ! -f "$folder/build.ninja" ]; then
        need_room 3000 "$home/build"
        step "Configuring ($preset)" "configure-$preset.log" cmake -S "$home" --preset "$preset" \
            -DDIABAN_BATCHES=ON
    fi
    step "Building ($preset)" "build-$preset.log" flock --no-fork "$home/build/.lock" ninja -j "$(nproc)" -C "$folder" "$@"
}

# What the files under some folders hold, as one sum; what npm and vite make themselves is left out.
tree_sum() {
    find "$@" \( -name node_modules -o -name dist -o -name output \) -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha1sum | sha1sum | cut -c1-40
}

# install_modules FOLDER   npm ci, when the lock file is another than the one installed.
install_modules() {
    local folder=$1 name=${1##*/} stamp=$1/node_modules/.installed sum
    sum=$(cat "$folder/package.json" "$folder/package-lock.json" | sha1sum | cut -c1-40)-$(node --version)
    [ "$(cat "$stamp" 2>/dev/null)" != "$sum" ] || return 0
    step "Fetching the modules of $name" "npm-$name.log" \
        npm ci --prefix "$folder" --no-fund --no-audit
    printf '%s' "$sum" >"$stamp"
}

build_console() {
    local folder=$home/services/console stamp sum
    stamp=$folder/dist/.built
    sum=$(tree_sum "$folder" "$home/styles")
    [ "$(cat "$stamp" 2>/dev/null)" != "$sum" ] || return 0
    install_modules "$folder"
    step "Building the console" console.log npm run build --prefix "$folder"
    printf '%s' "$sum" >"$stamp"
}
