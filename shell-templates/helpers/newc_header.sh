# Adds the header of a regular file to a cpio archive (cpio(5), newc):
# newc_header NAME BYTES TO.
newc_header() {
    printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\0' \
        0 33188 0 0 1 0 "$2" 0 0 0 0 "$((${#1} + 1))" 0 "$1" >>"$3" || return
    pad_to_words "$3"
}
