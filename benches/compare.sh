#!/usr/bin/env bash
# Compares bkscan with the tools that people have, side by side in one run:
#
#   bash benches/compare.sh [FOLDER [RUNS [KIND...]]]
#
# FOLDER is where the backups are made and kept for the next time, by default one in the folder for
# temporary files; it needs 20 GB for all of them. KINDs are:
#   plain     one backup, 300,000 files, 381,000 rows in its manifest
#   tenth     one backup, 100,000 files, 127,000 rows
#   million   one backup, a million files, 1,270,000 rows
#   set       twelve backups of 25,000 files
#   later     two backups of a device, 300,000 files each, the newer one has all that the older one has; also
#             each apart, and `bkscan diff` of the two
#   linked    two backups of 300,000 files that are hard links to the same ones
#   manifest  one backup, 300,000 files, a manifest of 1.2 GB
#   removal   no scan: what `clean --delete` does against `rm -rf`
# Every program runs once unmeasured, then RUNS times in turn with the others; the figures are medians.
# Beside the medians stand the shortest and the longest time, and above them the load of the machine before
# and after: figures of a machine that does something else are worth little.
# BEFORE=PROGRAM is measured, too: another build of bkscan, to see what a change costs. PGO=PROGRAM likewise:
# what pgo.sh made.
# With the right to drop the system's caches (root on Linux) cold runs follow, unless COLD=no is set.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-${TMPDIR:-/tmp}/bkscan-compare} runs=${2:-7}
shift $(($# < 2 ? $# : 2))
kinds=("$@")
[ ${#kinds[@]} -gt 0 ] || kinds=(plain set linked later manifest tenth million removal)

time=$(command -v gtime || echo /usr/bin/time)
"$time" -f %e true 2>/dev/null || {
  echo "GNU time is needed to measure with: the package 'time', or 'gnu-time' of Homebrew" >&2
  exit 1
}
cargo build --release --locked --quiet
bkscan=$PWD/target/release/bkscan
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
# Runs are remembered as ever, but not among the user's own.
export XDG_STATE_HOME=$folder/state XDG_CONFIG_HOME=$folder/state LOCALAPPDATA=$folder/state
table=$(mktemp)
trap 'rm -f "$table"' EXIT

# What is run, by the name it has in the table. A tool that is not installed is left out.
names=() commands=()
tool() {
  local name=$1 program=$2
  shift
  if command -v "$program" >/dev/null; then names+=("$name") && commands+=("$*"); fi
}
tool "du -s" du -s
tool "bkscan" "$bkscan"
if [ -n "${BEFORE:-}" ]; then tool "bkscan before" "$BEFORE"; fi
tool "bkscan --threads 1" "$bkscan" --threads 1
tool "bkscan --threads 2" "$bkscan" --threads 2
tool "bkscan --level quick" "$bkscan" --level quick
tool "bkscan --level contents" "$bkscan" --level contents --no-state
if [ -n "${PGO:-}" ]; then tool "bkscan, pgo" "$PGO"; fi
tool dust dust -P -d 0
tool dua dua
tool gdu gdu -n -p -s
tool gdu gdu-go -n -p -s
tool diskus diskus
tool pdu pdu --quantity apparent-size --max-depth 1

# Runs a command once on a folder. Adds to the table: kind, cache, name, seconds, CPU seconds, KiB at most.
measure() {
  local kind=$1 cache=$2 name=$3 command=$4
  local paths=("$folder/$kind")
  # A command that has its own paths.
  if [[ $command = *"$folder"* ]]; then paths=(); fi
  if [ "$cache" = cold ]; then sync && echo 3 >/proc/sys/vm/drop_caches; fi
  # A scan that finds something wrong does not end with 0.
  # shellcheck disable=SC2086
  "$time" -q -o "$table.one" -f '%e %U %S %M' $command "${paths[@]}" >/dev/null 2>&1 || true
  awk -v key="$kind|$cache|$name" '{ print key "|" $1 "|" $2 + $3 "|" $4 }' "$table.one" >>"$table"
  rm -f "$table.one"
}

median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
shortest() { sort -n | head -n 1; }
longest() { sort -n | tail -n 1; }
load() { awk '{ print $1 }' /proc/loadavg 2>/dev/null || uptime | sed 's/.*averages*: *//; s/[ ,].*//'; }

# A column of the table: its median, or what the third argument makes of it.
column() { awk -F'|' -v key="$1" -v at="$2" '$1 "|" $2 "|" $3 == key { print $at }' "$table" | "${3:-median}"; }

compare() {
  local kind=$1 cache=$2 run at du name before
  local names=("${names[@]}") commands=("${commands[@]}")
  if [ "$kind" = later ]; then
    local both=("$folder/$kind"/*-copy "$folder/$kind"/*E)
    names+=("bkscan, the older" "bkscan, the newer" "bkscan diff")
    commands+=("$bkscan ${both[0]}" "$bkscan ${both[1]}" "$bkscan diff ${both[0]} ${both[1]}")
  fi
  before=$(load)
  if [ "$cache" = warm ]; then
    for at in "${!names[@]}"; do measure "$kind" unmeasured "${names[$at]}" "${commands[$at]}"; done
  fi
  for run in $(seq "$runs"); do
    for at in "${!names[@]}"; do measure "$kind" "$cache" "${names[$at]}" "${commands[$at]}"; done
  done
  printf '\n%s, %s cache; load %s before, %s after\n%-24s %8s %8s %8s %8s %8s %10s\n' "$kind" "$cache" \
    "$before" "$(load)" "" seconds least most "x du" "CPU s" "peak MiB"
  du=$(column "$kind|$cache|du -s" 4)
  for name in "${names[@]}"; do
    printf '%-24s %8.2f %8.2f %8.2f %8.2f %8.2f %10.1f\n' "$name" "$(column "$kind|$cache|$name" 4)" \
      "$(column "$kind|$cache|$name" 4 shortest)" "$(column "$kind|$cache|$name" 4 longest)" \
      "$(column "$kind|$cache|$name" 4 | awk -v du="$du" '{ print $1 / du }')" \
      "$(column "$kind|$cache|$name" 5)" "$(column "$kind|$cache|$name" 6 | awk '{ print $1 / 1024 }')"
  done
}

for kind in "${kinds[@]}"; do
  if [ "$kind" = removal ]; then
    echo
    cargo bench --quiet --locked --bench removal -- "$folder" 300000 "$runs"
    continue
  fi
  if [ ! -e "$folder/$kind/made" ]; then
    rm -rf "${folder:?}/$kind"
    mkdir -p "$folder/$kind"
    of=$kind files=()
    if [ "$kind" = tenth ]; then of=plain files=(100000); fi
    if [ "$kind" = million ]; then of=plain files=(1000000); fi
    cargo bench --quiet --locked --bench backups -- "$folder/$kind" "$of" "${files[@]}"
    touch "$folder/$kind/made"
  fi
  compare "$kind" warm
  if [ "${COLD:-yes}" = yes ] && [ -w /proc/sys/vm/drop_caches ]; then compare "$kind" cold; fi
done
