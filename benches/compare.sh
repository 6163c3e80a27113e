#!/usr/bin/env bash
# Compares with the tools that people have, side by side in one run:
#   bash benches/compare.sh [FOLDER [FILES [RUNS]]]
# FOLDER is where the files are made, by default the one for temporary files. Needs room for two copies
# of FILES files of 3 kB each.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-${TMPDIR:-/tmp}} files=${2:-300000} runs=${3:-5}

echo "== removal, against rm -rf"
cargo bench --quiet --locked --bench removal -- "$folder" "$files" "$runs"
