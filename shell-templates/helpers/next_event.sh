# The next event, or nothing after so many seconds. `read` takes no byte of the
# line after its own.
next_event() {
    {
        # shellcheck disable=SC2016 # the other shell expands it
        timeout -s KILL "$1" \
            sh -c 'IFS= read -r event && printf "%s\n" "$event"' <&3 || :
    } 2>/dev/null
}
