#!/usr/bin/env bash
# Runs the gate on a pull request. Its verdict is in the job's summary and in annotations.
set -uo pipefail

# Shows a reason beside the pull request and in the job's summary. In an annotation, a line break and a
# percent sign have to be escaped.
show_failure() {
    local reason=${1//'%'/%25}
    reason=${reason//$'\r'/%0D}
    echo "::error title=The gate cannot be run::${reason//$'\n'/%0A}"
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
        printf '## The gate cannot be run\n\n~~~\n%s\n~~~\n' "${1//'~~~'/'~ ~'}" >>"$GITHUB_STEP_SUMMARY"
    fi
}

fail() {
    show_failure "$1"
    { echo "verdict=failed"; echo "exit-code=2"; } >>"$GITHUB_OUTPUT"
    exit 2
}

is_commit() { git rev-parse --quiet --verify --end-of-options "$1^{commit}" >/dev/null 2>&1; }

# The base of a pull request is the first parent of the merge that is checked out; where its own
# commit is checked out instead, the branch itself.
find_base() {
    if [ -n "$LAB_BASE" ]; then
        base=$LAB_BASE
    elif [ -z "${GITHUB_BASE_REF:-}" ]; then
        fail "this event has no base: give the action an input 'base', such as a branch or a tag"
    elif is_commit 'HEAD^2' && is_commit 'HEAD^1'; then
        base=HEAD^1
    else
        base=origin/$GITHUB_BASE_REF
    fi
    is_commit "$base" || fail "the revision '$base' is not in this checkout: give actions/checkout 'fetch-depth: 0'"
}

cd "${GITHUB_WORKSPACE:-.}/$LAB_FOLDER" 2>/dev/null || fail "there is no folder '$LAB_FOLDER' in the repository"
find_base

results=${RUNNER_TEMP:-/tmp}/performance-gate
options=(--target "$results" --annotations)
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || options+=(--markdown "$GITHUB_STEP_SUMMARY")
[ -z "$LAB_MIN_EFFECT" ] || options+=(--min-effect "$LAB_MIN_EFFECT")
while IFS= read -r workload; do
    [ -z "$workload" ] || options+=(--allow "$workload")
done <<<"$LAB_ALLOW"
read -r -a filters <<<"$LAB_FILTERS"

# Its messages are in the log of the job, and kept for a reason that is shown elsewhere.
mkdir -p "$results"
"$LAB_PROGRAM" gate "${options[@]}" -- "$base" "${filters[@]}" </dev/null 2> >(tee "$results/said" >&2)
code=$?
wait
case $code in
    0) verdict=pass ;;
    1) verdict=regression ;;
    3) verdict=inconclusive ;;
    *)
        verdict=failed
        show_failure "$(sed -n '/^error: /,$p' "$results/said" | head -n 20)"
        ;;
esac

# The page, its pictures, the record with its profiles, and the logs of the builds, without what was built.
kept=$results/kept
mkdir -p "$kept"
shopt -s nullglob
for part in "$results"/report "$results"/gate/*.{jsonl,json,md,log} "$results"/gate/sides/*.log; do
    cp -r "$part" "$kept/"
done
for record in "$results"/gate/*.jsonl; do
    [ ! -d "${record%.jsonl}" ] || cp -r "${record%.jsonl}" "$kept/"
done
{ echo "verdict=$verdict"; echo "exit-code=$code"; echo "results=$kept"; } >>"$GITHUB_OUTPUT"

# The change is not to blame for a noisy machine.
if [ "$code" = 3 ] && [ "$LAB_FAIL_IF_INCONCLUSIVE" != true ]; then
    exit 0
fi
exit "$code"
