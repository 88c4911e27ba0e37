#!/usr/bin/env bash
# Makes a repository in the folder $1, whose last commit does three times the work of the one before.
set -euo pipefail

mkdir -p "$1"
cd "$1"
git init -q
cat >lab.toml <<'TOML'
build = "cc -O1 -o count count.c"

[[command]]
name = "count"
run = "./count"
TOML
echo count >.gitignore
commit() {
    cat >count.c <<C
int main(void) {
    volatile unsigned long sum = 0;
    for (unsigned long i = 0; i < $1; i++) sum += i * i;
    return 0;
}
C
    git add --all
    git -c user.name=example -c user.email=example@example.org commit -q -m "$2"
}
commit 3000000 "Count"
commit 9000000 "Count three times as far"
