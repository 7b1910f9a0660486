# The folders of all network interfaces, one a line.
interface_folders() {
    find /sys/devices -path '*/net/*/address' | sed 's,/address$,,' | sort
}
