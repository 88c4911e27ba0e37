#!/bin/sh
# Runs the linker of a build. All that the measured program is linked from is kept beside that, so that it
# can be linked again with its functions in another order.

keep() {
    folder=$1
    output=$2
    shift 2
    rm -rf "$folder" && mkdir -p "$folder" || return
    printf '%s' "$SIMPLE_LAB_LINKER" >"$folder/linker" || return
    printf '%s' "$PATH" >"$folder/path" || return
    number=0
    for argument in "$@"; do
        case $argument in
            # A file of arguments names files that are gone later.
            @*) return ;;
            -Wl,*=/*) file=${argument#*=} ;;
            -*) file= ;;
            *) file=$argument ;;
        esac
        if [ -n "$file" ] && [ "$file" != "$output" ] && [ -f "$file" ]; then
            cp -- "$file" "$folder/$number" || return
        fi
        number=$((number + 1))
    done
    # The last file: without it, nothing counts as kept.
    printf '%s\0' "$@" >"$folder/arguments"
}

output=
previous=
for argument in "$@"; do
    [ "$previous" != -o ] || output=$argument
    previous=$argument
done
case ${output##*/} in
    # A link that cannot be kept is a link all the same.
    "$SIMPLE_LAB_PROGRAM"-*) keep "$SIMPLE_LAB_KEPT/${output##*/}" "$output" "$@" || : ;;
esac
exec "$SIMPLE_LAB_LINKER" "$@"
