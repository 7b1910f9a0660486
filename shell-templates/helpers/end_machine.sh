# Ends this machine's run: reboot, poweroff or halt. Never comes back.
end_machine() {
    # A disk that somebody mounted may be dead; hence -n, too.
    timeout -s KILL 10 sync || :
    "$1" -n -f
    while :; do sleep 3600; done
}
