# Takes down what happens: record EVENT TEXT. The reporter reads along, and the
# kernel's log has it too, where it is meant to.
record() {
    case $2 in *[!\ -~]* | *://*@*) set -- "$1" "$(shown "$2" || :)" ;; esac
    {
        read -r record_up </proc/uptime || record_up=0
        printf '%s %s %s %.4096s\n' "${record_up%% *}" "$stage" "$1" "$2" \
            >>/run/aria2-initrd/timeline || return 0
        [ -e /run/aria2-initrd/kernel-log ] || return 0
        printf '<7>aria2-initrd: %s: %s: %.800s\n' "$stage" "$1" "$2" \
            >/dev/kmsg || :
    } 2>/dev/null
}
