# One line on the console.
log() {
    case $1 in *[!\ -~]* | *://*@*) set -- "$(shown "$1" || :)" ;; esac
    printf 'aria2-initrd: %s: %.4096s\n' "$stage" "$1" >&2 || :
}
