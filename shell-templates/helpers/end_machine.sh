# Ends this machine's run: reboot, poweroff or halt. Never comes back.
end_machine() {
    sync
    "$1" -f
    while :; do
        sleep 3600
    done
}
