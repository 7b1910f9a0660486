# Tells the boot what has happened: a line in the FIFO of events.
announce() {
    [ -p /run/aria2-initrd/events ] || return
    printf '%s\n' "$1" >>/run/aria2-initrd/events
}
