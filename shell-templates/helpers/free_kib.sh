# KiB that are free on the file system of a folder, for others than root.
free_kib() {
    IFS=' '
    # shellcheck disable=SC2046 # its fourth word
    set -- $(df -Pk -- "$1" | tail -n 1)
    printf '%s\n' "${4:-0}"
}
