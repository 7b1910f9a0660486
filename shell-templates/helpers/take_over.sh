# Moves what aria2c wrote to where only root writes, as data alone: regular
# files, without control characters in their names. take_over FROM TO.
take_over() {
    mv -- "$1" "$2" || return
    taken_odd=$(find "$2" \( ! -type f ! -type d -o -name '*[[:cntrl:]]*' \) |
        head -n 1)
    if [ -n "$taken_odd" ]; then
        log "$2: removed files with control characters in their names, or not regular"
        find "$2" \( ! -type f ! -type d -o -name '*[[:cntrl:]]*' \) \
            -exec rm -rf -- {} + || return
    fi
    chown -R root:root "$2" || return
    chmod -R a=rX,u+w "$2"
}
