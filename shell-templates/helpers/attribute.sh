# The first line of a file; nothing, and no failure, where there is none.
attribute() { head -n 1 "$1" 2>/dev/null || :; }
