# Lets the udhcpc of an interface, where there is one, ask for its lease anew.
renew_lease() {
    if [ -e "/run/udhcpc.$1.pid" ]; then
        kill -s USR1 "$(cat "/run/udhcpc.$1.pid")" 2>/dev/null || :
    fi
}
