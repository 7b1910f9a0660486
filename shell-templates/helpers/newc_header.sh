# Adds a header to a cpio archive (cpio(5), newc):
# newc_header NAME MODE BYTES TO.
newc_header() {
    printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\0' \
        0 "$2" 0 0 1 0 "$3" 0 0 0 0 "$((${#1} + 1))" 0 "$1" >>"$4" || return
    pad_to_words "$4"
}
