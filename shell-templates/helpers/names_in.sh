# The names in a directory, one a line.
names_in() {
    [ ! -d "$1" ] || find "$1/" -mindepth 1 -maxdepth 1 | sed 's,.*/,,' | sort
}
