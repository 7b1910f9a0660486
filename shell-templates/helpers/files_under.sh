# The regular files below a directory, one a line.
files_under() {
    find "$1" -type f | sort
}
