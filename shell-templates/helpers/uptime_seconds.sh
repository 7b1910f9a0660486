# Whole seconds since the kernel started.
uptime_seconds() {
    read -r up </proc/uptime || up=0
    printf '%s\n' "${up%%.*}"
}
