# Ends the udhcpc of an interface, where there is one.
stop_udhcpc() {
    if [ -e "/run/udhcpc.$1.pid" ]; then
        kill "$(cat "/run/udhcpc.$1.pid")" 2>/dev/null || :
        # It takes its file away by itself, perhaps at this moment.
        rm -f "/run/udhcpc.$1.pid" 2>/dev/null || :
    fi
}
