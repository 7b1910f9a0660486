# Events are lines in a FIFO. As it stays open here for reading and writing,
# whoever writes to it need not wait, and what is written is kept.
open_events() {
    mknod /run/aria2-initrd/events p || return
    exec 3<>/run/aria2-initrd/events
}
