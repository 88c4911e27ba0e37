#!/usr/bin/env bash
# Identifies the program that the action builds, so that it is built once for each version.
set -euo pipefail

cd "$(dirname "$0")/.."
toolchain=$(rustc --version 2>/dev/null) || {
    echo "::error::the gate needs Rust: add a step that installs a stable toolchain before it"
    exit 2
}
# All sources of the program, and the compiler.
version=$({
    echo "$toolchain"
    find Cargo.toml Cargo.lock lab records reports profiles benches/names -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum
} | sha256sum | cut -c1-16)
{
    echo "version=$version"
    echo "program=${RUNNER_TEMP:-/tmp}/simple-lab-$version/lab"
} >>"$GITHUB_OUTPUT"
