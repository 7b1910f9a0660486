# Ends the udhcpc of an interface, which takes its file away by itself.
stop_udhcpc() {
    if [ -e "/run/udhcpc.$1.pid" ]; then
        kill "$(cat "/run/udhcpc.$1.pid")" 2>/dev/null || :
        rm -f "/run/udhcpc.$1.pid" 2>/dev/null || :
    fi
}
