# Zero bytes up to the next multiple of four: there a segment may begin.
pad_to_words() {
    segment_size=$(stat -c %s "$1") || return
    head -c "$(((4 - segment_size % 4) % 4))" /dev/zero >>"$1"
}
