# The names in a directory, one a line; those that begin with a dot last.
names_in() {
    set +f
    for name_there in "$1"/* "$1"/.[!.]*; do
        [ ! -e "$name_there" ] || printf '%s\n' "${name_there##*/}"
    done
}
