# Takes down what happens: record EVENT TEXT. The reporter reads along, and the
# kernel's log has it too, unless the console shows all of that: it would stand
# there twice.
record() {
    case $2 in *[!\ -~]* | *://*@*) set -- "$1" "$(shown "$2" || :)" ;; esac
    {
        read -r record_up </proc/uptime || record_up=0
        printf '%s %s %s %.4096s\n' "${record_up%% *}" "$stage" "$1" "$2" \
            >>/run/aria2-initrd/timeline || return 0
        read -r record_level </proc/sys/kernel/printk || return 0
        read -r record_all </sys/module/printk/parameters/ignore_loglevel ||
            return 0
        case $record_all${record_level%%[!0-9]*} in
            N[0-7])
                printf '<7>aria2-initrd: %s: %s: %.800s\n' "$stage" "$1" "$2" \
                    >/dev/kmsg || :
                ;;
        esac
    } 2>/dev/null
}
