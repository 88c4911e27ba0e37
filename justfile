set shell := ["bash", "-euo", "pipefail", "-c"]

# Where cargo builds, by its own word: a variable, its configuration, or `target`. Absolute, because
# cargo runs benchmarks in the folder of their package. Recipes use shell variables alone, in quotes,
# because a path may hold spaces and anything else.
export CARGO_TARGET_DIR := `cargo metadata --no-deps --offline --format-version 1 | sed -n 's/.*"target_directory":"\(\([^"\\]\|\\.\)*\)".*/\1/p' | sed 's/\\\(.\)/\1/g'`
export JUST := just_executable()

# What there is to do.
[private]
default:
    @"$JUST" --list --unsorted

# FILTERS choose workloads ('file/*/1MiB', workers=2); --resume alone goes on with an interrupted
# run, as it was asked for.
[doc("Measure the runtime (quick, standard or full; quick if nothing is said) and write the HTML report.")]
[positional-arguments]
bench *PROFILE_AND_FILTERS: _cc
    @case "${1:-}" in quick|standard|full) set -- --profile "$@" ;; esac; "$JUST" _bench "$@"

[no-exit-message]
[positional-arguments]
_bench *OPTIONS:
    @cargo run --quiet -p simple-names -- "$@"
    @"$JUST" _callgrind
    cargo bench -p simple-benches --bench wall -- --records "$CARGO_TARGET_DIR/records" "$@"
    @"$JUST" report

# RUNS: none, one, or two that are compared (a run's name, a file, or a folder); --anyway
# compares also what was measured on different machines.
[doc("Write the HTML report of the newest measurements, or of RUNS: 'just report A B' compares.")]
[positional-arguments]
report *RUNS:
    cargo run --quiet --release -p simple-lab -- report --out "$CARGO_TARGET_DIR/report" \
        --calibrations "$CARGO_TARGET_DIR/calibration" --calibrations reports/baselines/calibration \
        --profiles "$CARGO_TARGET_DIR/profiles" \
        --history "$CARGO_TARGET_DIR/records" --records "${@:-$CARGO_TARGET_DIR/records}"

[doc("Print the newest measurements, or RUNS, as tables; of two, what changed.")]
[positional-arguments]
summary *RUNS:
    cargo run --quiet --release -p simple-lab -- summary \
        --history "$CARGO_TARGET_DIR/records" --records "${@:-$CARGO_TARGET_DIR/records}"

# FILTERS choose workloads; options: --setting standard, --allow WORKLOAD, --min-effect PERCENT,
# --markdown FILE, --resume. Exit codes: 0 pass, 1 regression, 2 cannot be done, 3 inconclusive.
[doc("Has this checkout made the runtime slower than REV? Both are built and take turns.")]
[positional-arguments]
gate *REV_AND_FILTERS:
    @cargo run --quiet -p simple-names -- ${1+--revision "$1"} "${@:2}"
    @"$JUST" _valgrind _gate
    cargo run --quiet --release -p simple-lab -- gate --target "$CARGO_TARGET_DIR" "$@"

# Judge the newest comparison of `just gate`, or RECORD, once more: after waivers have changed.
[positional-arguments]
judge *RECORD: _gate
    cargo run --quiet --release -p simple-lab -- judge --target "$CARGO_TARGET_DIR" "$@"

# Hours; --null, --under-load and --slowed say how often, --resume goes on.
[doc("Find out how often the gate is right: a build against itself, and against a slowed one.")]
[positional-arguments]
calibrate *OPTIONS: _valgrind _gate
    cargo run --quiet --release -p simple-lab -- calibrate --target "$CARGO_TARGET_DIR" "$@"

# Options: --views cpu,instructions,memory,waiting,timeline, --for-ms 5000, --sampler perf.
[doc("Why is WORKLOAD as fast as it is? Flame graphs, memory, waits and a timeline of it.")]
[positional-arguments]
profile WORKLOAD *OPTIONS:
    @cargo run --quiet -p simple-names -- "$1"
    @"$JUST" _valgrind _perf
    @"$JUST" _profiler profile "$@"

# FILTERS as for `just bench`. Processor time alone, of the quick setting and without peers:
# --views cpu,memory, --setting full and --peers look at more; --for-ms, --sampler as for `profile`.
[doc("Profile the quick setting's workloads, or those of FILTERS; the report shows the pictures.")]
[positional-arguments]
profile-all *FILTERS:
    @cargo run --quiet -p simple-names -- "$@"
    @"$JUST" _valgrind _perf
    @"$JUST" _profiler profile-all "$@"
    @if (cd "$CARGO_TARGET_DIR/records" && compgen -G '*.jsonl') >/dev/null 2>&1; then "$JUST" report; \
        else echo "the report shows them once there are measurements: just bench"; fi

[doc("What grew and what shrank in WORKLOAD between REV and this checkout, as flame graphs.")]
[positional-arguments]
profile-diff REV WORKLOAD *OPTIONS:
    @cargo run --quiet -p simple-names -- --revision "$1" "$2"
    @"$JUST" _valgrind _perf
    @cargo build --quiet --release -p simple-lab || exit 2
    cargo run --quiet --release -p simple-lab -- profile-diff --target "$CARGO_TARGET_DIR" "$@"

# List the workloads with the reason for each.
[positional-arguments]
list *FILTERS:
    @cargo run --quiet -p simple-names -- "$@"
    @cargo bench --quiet -p simple-benches --bench wall -- --list "$@"

# Run all tests: unit, contract, property, C programs (also under valgrind), models.
test: _cc _valgrind
    cargo test --workspace --no-fail-fast
    @"$JUST" models

# Check the concurrency protocols in every interleaving that matters (loom).
models:
    RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR="$CARGO_TARGET_DIR/loom" cargo test -p simple-runtime --lib --profile loom

# Check everything that is not a test: formatting, lints, documentation, workloads, header.
check: _cc
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
    cargo bench -p simple-benches --bench wall -- --check
    cargo test -p simple-runtime --test header
    cargo clippy -p simple-runtime --features injected-slowdown --all-targets -- -D warnings
    cargo test -p simple-runtime --features injected-slowdown --lib slowdown
    cargo clippy -p simple-benches --features sampler --all-targets -- -D warnings
    cargo test -p simple-benches --features sampler --lib repeat

# Write the list of all workloads anew, after the catalogue has changed.
names:
    UPDATE_NAMES=1 cargo test -p simple-benches --test names

# Write runtime/include/simple_runtime.h anew from the sources.
header:
    UPDATE_HEADER=1 cargo test -p simple-runtime --test header

# A gate that cannot be built is no regression: another exit code.
_gate:
    @cargo build --quiet --release -p simple-lab || exit 2

# What is profiled has a sampler of its own: machines where perf may not be used need it. Built in
# a cargo profile of its own, it takes the place of nothing that `just bench` builds.
[no-exit-message]
[positional-arguments]
_profiler COMMAND *OPTIONS:
    @cargo build --quiet --release -p simple-lab || exit 2
    @built=$(cargo build --quiet --profile profiled -p simple-benches --bin simple-bench \
            --features sampler --message-format=json-render-diagnostics \
        | sed -n 's/.*"executable":"\(\([^"\\]\|\\.\)*\)".*/\1/p' | sed 's/\\\(.\)/\1/g') || exit 2; \
    cargo run --quiet --release -p simple-lab -- "$1" --target "$CARGO_TARGET_DIR" \
        --built "$built" "${@:2}"

_cc:
    @command -v cc >/dev/null || { echo "no C compiler: install one (Debian: apt-get install gcc)" >&2; exit 2; }

# Memory checks of the C programs, instructions and memory of profiles need valgrind.
_valgrind: (_tool "valgrind" "valgrind" "valgrind is missing: memory checks, instructions and memory profiles are left out (Debian: apt-get install valgrind)")

# Profiles are best with perf; without it a workload samples itself.
_perf: (_tool "perf" "linux-perf" "perf is missing: the next best sampler is used (Debian: apt-get install linux-perf; Ubuntu: linux-tools-generic)")

# A tool that is missing is installed by root, as in an image of CI, which is said; nobody is asked
# anything. WITHOUT is said where it stays missing.
[positional-arguments]
_tool NAME PACKAGE WITHOUT:
    @if ! command -v "$1" >/dev/null; then \
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
            echo "installing $2 with apt-get, for $1 is missing" >&2; \
            said=$(DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a \
                apt-get install -y -qq "$2" </dev/null 2>&1) || tail -n 3 <<<"$said" >&2; \
        fi; \
        command -v "$1" >/dev/null || echo "$3" >&2; \
    fi

# Counting instructions needs valgrind and iai-callgrind's runner; without them it is skipped.
_callgrind:
    @if ! command -v valgrind >/dev/null; then \
        echo "valgrind is missing: instructions are not counted (Debian: apt-get install valgrind)" >&2; \
    elif ! grep -qs '"iai-callgrind-runner 0.16.1 ' "$CARGO_TARGET_DIR/tools/.crates.toml"; then \
        echo "installing iai-callgrind-runner into target/tools (once, ~1-2 minutes)" >&2; \
        cargo install --quiet --locked --root "$CARGO_TARGET_DIR/tools" iai-callgrind-runner --version =0.16.1 \
            || echo "iai-callgrind-runner cannot be installed: instructions are not counted" >&2; \
    fi
