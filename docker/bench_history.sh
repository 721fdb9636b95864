# shellcheck shell=bash
# What ./run bench measured is kept, one file a run, and drawn. Sourced by bench.sh.

bench_history=${DIABAN_BENCH_HISTORY:-$state/bench-history}

# Keeps the lines of this run: commit, date, machine and each figure.
bench_keep() {
    local commit changed=false file
    commit=$(git -C "$home" rev-parse HEAD 2>/dev/null || true)
    if [ -n "$commit" ] && [ -n "$(git -C "$home" status --porcelain --untracked-files=no 2>/dev/null)" ]; then changed=true; fi
    mkdir -p "$bench_history" 2>/dev/null || fail_for_room "$bench_history"
    file=$bench_history/$(date -u +%Y%m%dT%H%M%SZ)-${commit:0:12}.json
    jq -R -s --arg commit "$commit" --argjson changed "$changed" --arg date "$(date -u +%FT%TZ)" \
        --arg processor "$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)" --argjson cores "$(nproc)" \
        --argjson memory "$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)" --arg kernel "$(uname -r)" '
        def figure: if . == "" or . == "0" then null else (tonumber? // .) end;
        {commit: (if $commit == "" then null else $commit end), changed: $changed, date: $date,
         machine: {processor: $processor, cores: $cores, memory_mb: $memory, kernel: $kernel},
         lines: [split("\n")[] | select(. != "") | split("\t")
             | {what: .[0], ours: (.[1] | tonumber? // .), other: (.[2] | figure), unit: .[3], other_side: .[4],
                times: (.[5] | tonumber? // null), wanted: (if (.[6] // "") == "" then null else .[6] end)}]}' \
        "$bench_lines" >"$file.part" || fail "the figures of this run cannot be kept in $bench_history"
    mv "$file.part" "$file"
    say "Kept: $file (./run bench --plot draws all that are kept)"
}

# Draws each figure over the runs that are kept, in the order of their dates: one page with a picture each.
bench_plot() {
    local pages=$bench_history/plots work
    "$home/docker/install.sh" check bench
    compgen -G "$bench_history/*.json" >/dev/null || fail "no run is kept in $bench_history: ./run bench keeps one"
    work=$(mktemp -d)
    mkdir -p "$pages" 2>/dev/null || fail_for_room "$pages"
    rm -f "$pages"/*.svg
    # figure, unit, run, ours, other; a run is named by its day and commit.
    jq -r '. as $run | .lines[] | select(.ours | type == "number")
        | [.what, .unit, ($run.date[0:10] + " " + ($run.commit // "?")[0:7] + (if $run.changed then "+" else "" end)),
           .ours, (if (.other | type) == "number" then .other else "NaN" end)] | @tsv' "$bench_history"/*.json >"$work/figures"
    {
        printf '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Benchmarks of Diaban</title>\n'
        printf '<style>body{font:16px sans-serif;margin:24px}img{border:1px solid #ccc;margin:4px}</style>\n'
        printf '<h1>Benchmarks over %s runs</h1>\n' "$(find "$bench_history" -maxdepth 1 -name '*.json' | wc -l)"
        printf '<p>Solid: ours. Dashed: the other side of the same run. A commit with + had changes.</p>\n'
    } >"$work/index.html"
    bench_figures "$work" "$pages"
    printf '</html>\n' >>"$work/index.html"
    mv "$work/index.html" "$pages/index.html"
    rm -rf "$work"
    say "Drawn: $pages/index.html"
}

# bench_figures WORK PAGES   a picture of every figure that was measured.
bench_figures() {
    local work=$1 pages=$2 number=0 what unit name
    while IFS=$'\t' read -r what unit; do
        number=$((number + 1))
        name=$(printf '%03d.svg' "$number")
        awk -F '\t' -v what="$what" -v unit="$unit" '$1 == what && $2 == unit { printf "%d\t%s\t%s\t%s\n", n++, $3, $4, $5 }' \
            "$work/figures" >"$work/one"
        title=$what unit=$unit gnuplot >>"$work/gnuplot.log" 2>&1 <<GNUPLOT || fail "gnuplot: $(last_words "$work/gnuplot.log")"
set terminal svg size 620,300 background 'white'
set output '$pages/$name'
set datafile separator tab
set title system('printenv title') noenhanced
set ylabel system('printenv unit') noenhanced
set yrange [0:*]
set xtics rotate by -35 noenhanced
set offsets 0.5, 0.5, 0, 0
set grid ytics lc rgb '#DDDDDD'
set key off
plot '$work/one' using 1:3:xtic(2) with linespoints lw 2 pt 7 lc rgb '#0B5FAD', \
    '' using 1:4 with lines dt 2 lc rgb '#882255'
GNUPLOT
        printf '<img src="%s" alt="%s" loading="lazy">\n' "$name" "$(escaped "$what")" >>"$work/index.html"
    done < <(cut -f1,2 "$work/figures" | awk '!seen[$0]++')
}

escaped() { sed 's/&/\&amp;/g; s/</\&lt;/g; s/"/\&quot;/g' <<<"$1"; }
