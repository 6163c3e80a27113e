#!/usr/bin/env bash
# What `bkscan mend` takes against `cp --reflink=auto -a` of the same tree, side by side in one run:
#
#   bash benches/mend.sh [FOLDER [FILES [RUNS]]]
#
# FOLDER is where the backup is made and kept for the next time, by default one in the folder for temporary files;
# a tenth of a thousandth of its files is taken away, so that rows go from the list. Measured in turn, after one
# run that is not: cp, mend with copies (or clones, where the disk has them) and mend with hard links. The figures
# are medians; what was written is removed before the next run, and the disk is idle then.
# What is to hold: copies in at most 1.15 of the time of cp, clones and links of 100,000 files in less than 3 s.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-${TMPDIR:-/tmp}/bkscan-mend} files=${2:-100000} runs=${3:-5}
udid=00008130-000A1C2E3F40801E

cargo build --release --locked --quiet
bkscan=$PWD/target/release/bkscan
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
old=$folder/old-$files
if [ ! -e "$old/made" ]; then
  rm -rf "$old"
  cargo bench --quiet --locked --bench backups -- "$old" plain "$files"
  # Every ten thousandth, and one at least.
  find "$old/$udid" -type f -path '*/??/*' | awk 'NR % 10000 == 1' | xargs rm --
  touch "$old/made"
fi
export XDG_STATE_HOME=$folder/state XDG_CONFIG_HOME=$folder/state LOCALAPPDATA=$folder/state

once() { # NAME prints seconds
  rm -rf "$folder/new"
  sync
  local begun ended
  begun=$(date +%s.%N)
  case $1 in
    cp) mkdir "$folder/new" && cp --reflink=auto -a "$old/$udid" "$folder/new/" ;;
    mend) "$bkscan" mend "$old/$udid" --to "$folder/new" --yes --quiet ;;
    link) "$bkscan" mend "$old/$udid" --to "$folder/new" --link --yes --quiet ;;
  esac
  ended=$(date +%s.%N)
  echo "$begun $ended" | awk '{ printf "%.3f\n", $2 - $1 }'
}

declare -A times
for run in $(seq 0 "$runs"); do
  for what in cp mend link; do
    took=$(once "$what")
    [ "$run" = 0 ] || times[$what]+="$took "
  done
done
median() { tr ' ' '\n' <<<"${times[$1]}" | grep . | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
rm -rf "$folder/new"
echo "$files files, $runs runs, load $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || true)"
echo "cp --reflink=auto -a  $(median cp) s"
echo "mend                  $(median mend) s, $(awk "BEGIN { printf \"%.2f\", $(median mend) / $(median cp) }") of cp"
echo "mend --link           $(median link) s"
