set shell := ["bash", "-euo", "pipefail", "-c"]

# Where cargo builds, by its own word: a variable, its configuration, or `target`. Absolute, because
# cargo runs benchmarks in the folder of their package. Recipes use shell variables alone, in quotes,
# because a path may hold spaces and anything else.
export CARGO_TARGET_DIR := `cargo metadata --no-deps --offline --format-version 1 | sed -n 's/.*"target_directory":"\(\([^"\\]\|\\.\)*\)".*/\1/p' | sed 's/\\\(.\)/\1/g'`
export JUST := just_executable()

# The list of recipes.
[private]
default:
    @"$JUST" --list --unsorted

# FILTERS choose workloads ('file/*/1MiB', workers=2); --effort standard or full measures more,
# --resume alone goes on with an interrupted run, as it was asked for; --corpus FOLDER has workloads that
# read sources read yours.
[group('measure')]
[doc("Measure the runtime, and write the HTML report: 'just bench registry --effort standard'.")]
[positional-arguments]
bench *FILTERS: _cc
    @"$JUST" _bench "$@"

[no-exit-message]
[positional-arguments]
_bench *FILTERS:
    @cargo run --quiet -p simple-names -- "$@"
    @"$JUST" _lab run "$@"
    @"$JUST" _lab report

[group('measure')]
[doc("List the workloads with the reason for each.")]
[positional-arguments]
list *FILTERS:
    @cargo run --quiet -p simple-names -- "$@"
    @"$JUST" _lab list "$@"

# Options: --same 2%, --budget 5m, --fail-if-slower 5% (exit codes as of the gate), --env 2:NAME=VALUE,
# --prepare, --input, --shell, --instructions and more: lab compare --help.
[group('measure')]
[no-exit-message]
[positional-arguments]
[doc("Which of several commands is faster? Any programs, each in quotes: 'just compare OLD NEW'.")]
compare *COMMANDS:
    @"$JUST" _lab compare "$@"

# Options come before --: --workers 1,2,4, --prefault none,copy, and those of `compare`.
[group('measure')]
[no-exit-message]
[positional-arguments]
[doc("Which settings of the runtime suit a program? 'just tune -- ./program its arguments'.")]
tune *PROGRAM:
    @"$JUST" _lab tune "$@"

[group('measure')]
[doc("What can be measured on this machine, what is missing, and what 'just bench' would take.")]
[positional-arguments]
doctor *OPTIONS:
    @"$JUST" _lab doctor "$@"

# RUNS: none, one, or two that are compared (a run's name, a file, or a folder); --anyway
# compares also what was measured on different machines.
[group('look')]
[doc("Write the HTML report of the newest measurements, or of RUNS: 'just report A B' compares.")]
[positional-arguments]
report *RUNS:
    @"$JUST" _lab report "$@"

[group('look')]
[doc("Print the newest measurements, or RUNS, as tables; of two, what changed.")]
[positional-arguments]
summary *RUNS:
    @"$JUST" _lab summary "$@"

[group('look')]
[doc("Do several runs of the same questions agree? 'just agree RUN RUN RUN'.")]
[positional-arguments]
agree *RUNS:
    @"$JUST" _lab agree "$@"

# Options: --views cpu,instructions,memory,waiting,timeline, --for-ms 5000, --sampler perf. Of any program:
# 'just profile -- ./program its arguments', and 'just profile --pid 4711 --for 10s' of one that runs.
[group('look')]
[no-exit-message]
[doc("Why is WORKLOAD, or any program behind --, as fast as it is? Flame graphs, memory, waits.")]
[positional-arguments]
profile WORKLOAD *OPTIONS:
    @case "$1" in -*) ;; *) cargo run --quiet -p simple-names -- "$1" ;; esac
    @"$JUST" _lab profile "$@"

# FILTERS as for `just bench`. Processor time alone, with little effort and without peers:
# --views cpu,memory, --effort full and --peers look at more; --for-ms, --sampler as for `profile`.
[group('look')]
[doc("Profile the quick workloads, or those of FILTERS; the report shows the pictures.")]
[positional-arguments]
profile-all *FILTERS:
    @cargo run --quiet -p simple-names -- "$@"
    @"$JUST" _lab profile-all "$@"
    @if (cd "$CARGO_TARGET_DIR/records" && compgen -G '*.jsonl') >/dev/null 2>&1; then "$JUST" report; \
        else echo "the report shows them once there are measurements: just bench"; fi

[group('look')]
[doc("What grew and what shrank in WORKLOAD between REV and this checkout, as flame graphs.")]
[positional-arguments]
profile-diff REV WORKLOAD *OPTIONS:
    @cargo run --quiet -p simple-names -- --revision "$1" "$2"
    @"$JUST" _lab profile-diff "$@"

# FILTERS choose workloads; options: --effort standard, --allow WORKLOAD, --min-effect PERCENT,
# --markdown FILE, --resume. Exit codes: 0 pass, 1 regression, 2 cannot be done, 3 inconclusive.
[group('judge')]
[doc("Has this checkout made the runtime slower than REV? Both are built and take turns.")]
[positional-arguments]
gate *REV_AND_FILTERS:
    @cargo run --quiet -p simple-names -- ${1+--revision "$1"} "${@:2}"
    @"$JUST" _lab gate "$@"

[group('judge')]
[doc("Judge the newest comparison of 'just gate', or RECORD, once more: after waivers have changed.")]
[positional-arguments]
judge *RECORD:
    @"$JUST" _lab judge "$@"

# Hours; --null, --under-load and --slowed say how often, --resume goes on. With --bench, some ten minutes;
# --trials says how often.
[group('judge')]
[doc("Find out how often the gate is right, by a slowed build; with --bench, how often 'just bench' is.")]
[positional-arguments]
calibrate *OPTIONS:
    @"$JUST" _lab calibrate "$@"

[group('develop')]
[doc("Run all tests: unit, contract, property, C programs (also under valgrind), faults, models.")]
test: _cc
    @"$JUST" _lab doctor --install valgrind
    cargo test --workspace --no-fail-fast
    cargo test -p simple-runtime --features injected-faults --test faults -- --nocapture
    @"$JUST" models

[group('develop')]
[doc("Check the concurrency protocols in every interleaving that matters (loom).")]
models:
    RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR="$CARGO_TARGET_DIR/loom" cargo test -p simple-runtime --lib --profile loom

[group('develop')]
[doc("Check everything that is not a test: formatting, lints, documentation, workloads, header.")]
check: _cc
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
    @"$JUST" _lab check
    cargo test -p simple-runtime --test header
    cargo clippy -p simple-runtime --features injected-slowdown --all-targets -- -D warnings
    cargo test -p simple-runtime --features injected-slowdown --lib slowdown
    cargo clippy -p simple-runtime --features injected-faults --all-targets -- -D warnings
    cargo clippy -p simple-benches --features sampler --all-targets -- -D warnings
    cargo test -p simple-benches --features sampler --lib repeat

[group('develop')]
[doc("Write the list of all workloads, after the catalogue has changed.")]
names:
    UPDATE_NAMES=1 cargo test -p simple-benches --test names

[group('develop')]
[doc("Generate runtime/include/simple_runtime.h from the sources.")]
header:
    UPDATE_HEADER=1 cargo test -p simple-runtime --test header

# The program that conducts. A gate that cannot be built is no regression: another exit code.
[no-exit-message]
[positional-arguments]
_lab *WORDS:
    @cargo build --quiet --release -p simple-lab || exit 2
    @cargo run --quiet --release -p simple-lab -- "$@"

_cc:
    @command -v cc >/dev/null || { echo "no C compiler: install one (Debian: apt-get install gcc)" >&2; exit 2; }
