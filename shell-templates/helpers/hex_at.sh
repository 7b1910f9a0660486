# Bytes of a file as hex digits: hex_at FILE OFFSET COUNT.
hex_at() {
    [ -r "$1" ] || return
    od -A n -t x1 -v -j "$2" -N "$3" "$1" 2>/dev/null | tr -d ' \n'
}
