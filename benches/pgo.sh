#!/usr/bin/env bash
# Builds bkscan guided by a profile of what it does most, for a release:
#
#   bash benches/pgo.sh [TARGET [CARGO…]]
#
# It trains on the samples and on backups of 50,000 files that it makes in the folder for temporary files, at
# every level, warm. What comes out is target/pgo/TARGET/release/bkscan, where TARGET is this machine's own if
# none is named (another one has to run here). CARGO is what builds it, such as `cargo auditable`. `cargo install`
# does without it. Needs rustup, of which it takes the component llvm-tools, and about 1 GB.
set -euo pipefail
cd "$(dirname "$0")/.."
host=$(rustc -vV | sed -n 's/^host: //p')
target=${1:-$host}
cargo=("${@:2}")
[ ${#cargo[@]} != 0 ] || cargo=(cargo)
profdata=$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata
[ -x "$profdata" ] || rustup component add llvm-tools
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Runs are remembered as ever, but not among the user's own.
export XDG_STATE_HOME=$folder/state XDG_CONFIG_HOME=$folder/state LOCALAPPDATA=$folder/state

build() { RUSTFLAGS="$1" "${cargo[@]}" build --release --locked --quiet --target "$target" --target-dir "$2"; }

build "-Cprofile-generate=$folder/profiles" target/pgo/training
program=target/pgo/training/$target/release/bkscan
mkdir "$folder/made"
cargo bench --quiet --locked --bench backups -- "$folder/made" plain 50000 >/dev/null
# A scan that finds something wrong does not end with 0; one that could not be started does not pass.
train() { "$program" "$@" >/dev/null 2>&1 || [ $? -le 3 ]; }
for root in "$folder/made" testdata/MobileSync; do
  for _ in 1 2 3 4 5; do
    train "$root"
    train --threads 1 "$root"
  done
  train --level quick "$root"
  train --level contents "$root"
  train --json "$root"
  train clean "$root"
done
BKSCAN_PASSWORD=sample train testdata/MobileSync
"$profdata" merge -o "$folder/merged" "$folder/profiles"
build "-Cprofile-use=$folder/merged" target/pgo
ls -l "target/pgo/$target/release/bkscan"
