# aria2c as a user of its own, for so many seconds: what servers and peers send
# is read by nobody who may write more than a folder and a log. When it has
# ended, nothing of that user is left to change what came.
# unprivileged_aria2c SECONDS WORD...
unprivileged_aria2c() {
    aria2c_seconds=$1
    shift
    aria2c_status=0
    timeout -s KILL "$aria2c_seconds" \
        setpriv --nnp setuidgid aria2 aria2c "$@" </dev/null 3<&- ||
        aria2c_status=$?
    setuidgid aria2 kill -9 -1 2>/dev/null || :
    return "$aria2c_status"
}
