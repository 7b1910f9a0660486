# One line on the console; anew where a child's end broke the shell's write off.
log() {
    case $1 in *[!\ -~]* | *://*@*) set -- "$(shown "$1" || :)" ;; esac # without reports
    case $1 in *[!\ -~]* | *://*@*) set -- "$(shown "$1" || :)" "${2-}" ;; esac # with reports
    printf 'aria2-initrd: %s: %.4096s\n' "$stage" "$1" >&2 ||
        printf '\naria2-initrd: %s: %.4096s\n' "$stage" "$1" | cat >&2 || :
    record "${2:-says}" "$1" # with reports
}
