#!/usr/bin/env bash
# Installs what the gate needs: valgrind, and the program itself unless the cache had it.
set -euo pipefail

cd "$(dirname "$0")/.."
if ! command -v valgrind >/dev/null; then
    # Without it instructions are not counted; times are judged all the same.
    sudo=$(command -v sudo || true)
    { $sudo apt-get update -qq && $sudo apt-get install -y -qq valgrind; } </dev/null >/dev/null ||
        echo "::warning::valgrind cannot be installed: instructions are not counted"
fi
if ! [ -x "$LAB_PROGRAM" ]; then
    target=${RUNNER_TEMP:-/tmp}/simple-lab-target
    cargo build --release --locked -p simple-lab --target-dir "$target" </dev/null
    mkdir -p "$(dirname "$LAB_PROGRAM")"
    cp "$target/release/lab" "$LAB_PROGRAM"
fi
"$LAB_PROGRAM" --version
