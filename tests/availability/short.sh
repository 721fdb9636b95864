#!/usr/bin/env bash
# Failover and restore in short, at once. Fails if a case of either does.
#
#   short.sh CHECKOUT FOLDER   CHECKOUT is built; FOLDER is made.
set -uo pipefail
home=$1
folder=$2
here=$home/tests/availability
mkdir -p "$folder/failover" "$folder/backup"
chmod 711 "$folder" "$folder/failover" "$folder/backup"
bash "$here/backup.sh" "$home" "$folder/backup" short >"$folder/backup.log" 2>&1 &
restoring=$!
trap 'kill "$restoring" 2>/dev/null' EXIT
bash "$here/failover.sh" "$home" "$folder/failover" short 2>&1 | tee "$folder/failover.log"
wait "$restoring"
cat "$folder/backup.log"
cat "$folder"/*.log | awk '/^ok / { ok++ } /^(FAILED|skipped) / { bad++ } END { exit bad > 0 || ok < 14 }'
