# Whole seconds since the kernel started.
uptime_seconds() {
    up=$(cat /proc/uptime) || up=0
    printf '%s\n' "${up%%.*}"
}
