# Says every 5 s how much has been read of a large file that is open as
# descriptor 4: tell_reading FILE.
tell_reading() {
    reading_size=$(stat -c %s -- "$1" 2>/dev/null || printf 0)
    [ "$reading_size" -ge 67108864 ] || return 0
    while sleep 5; do
        read -r reading_at </proc/self/fdinfo/4 || return 0
        reading_at=${reading_at#pos:?}
        log "$1: $((reading_at / (reading_size / 100))) % of $((reading_size / 1048576)) MiB read"
    done
}
