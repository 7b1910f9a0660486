# The names in a directory, one a line; those that begin with a dot last.
names_in() {
    set +f
    for name_there in "$1"/* "$1"/.[!.]* "$1"/..?*; do
        if [ -e "$name_there" ] || [ -L "$name_there" ]; then printf '%s\n' "${name_there##*/}"; fi
    done
}
