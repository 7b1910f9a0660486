# The names in a directory, one a line.
names_in() {
    [ ! -d "$1" ] || ls -A -- "$1" 2>/dev/null || :
}
