# One line on the console.
log() {
    printf 'aria2-initrd: %s: %s\n' "$stage" "$1" >&2 || :
}
