# Runs a command that has so many seconds, whatever it does: limited SECONDS
# COMMAND [WORD...]. KILL ends it then, and the console says so.
limited() {
    limited_status=0
    timeout -s KILL "$@" >&2 || limited_status=$?
    if [ "$limited_status" -eq 137 ]; then
        log "$2 was killed: it has $1 s"
    fi
    return "$limited_status"
}
