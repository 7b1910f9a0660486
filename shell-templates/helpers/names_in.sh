# The names in a directory, one a line: all but `.` and `..`.
names_in() {
    [ ! -d "$1" ] || (
        set +f
        cd -- "$1" || exit 0
        for name in * .[!.]* ..?*; do
            if [ -e "$name" ] || [ -L "$name" ]; then printf '%s\n' "$name"; fi
        done
    ) 2>/dev/null | sort
}
