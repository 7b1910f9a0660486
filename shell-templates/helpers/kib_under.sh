# What the files below a folder have, in KiB, each rounded up.
kib_under() {
    kib=0
    IFS=$newline
    for file_bytes in $(find "$1" -type f -exec stat -c %s {} + || :); do
        kib=$((kib + (file_bytes + 1023) / 1024))
    done
    printf '%s\n' "$kib"
}
