# Bytes, as hex digits, of what a program unpacks from a file, of the file itself
# with cat: hex_inside PROGRAM FILE OFFSET COUNT.
hex_inside() {
    {
        "$1" <"$2" | od -A n -t x1 -v -j "$3" -N "$4" | tr -d ' \n' || :
    } 2>/dev/null
}
