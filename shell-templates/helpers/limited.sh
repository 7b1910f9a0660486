# Runs a command that has so many seconds, whatever it does: limited SECONDS
# COMMAND [WORD...]. KILL (9) ends it then, and the console says so.
limited() {
    limited_status=0
    timeout -s KILL "$@" >&2 || limited_status=$?
    # 128 + 9; yash counts from 384.
    case $limited_status in 137 | 393) log "$2 killed after $1 s" ;; esac
    return "$limited_status"
}
