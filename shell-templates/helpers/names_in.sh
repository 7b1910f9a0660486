# The names in a directory, one a line.
names_in() {
    if [ -d "$1" ]; then
        find "$1" -mindepth 1 -maxdepth 1 | sort | sed 's,.*/,,'
    fi
}
