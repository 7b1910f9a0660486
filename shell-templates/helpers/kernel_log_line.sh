# The last line of the kernel's log that holds two texts, the second in any
# case; nothing where there is none.
kernel_log_line() {
    dmesg | grep -F -e "$1" | grep -iF -e "$2" | tail -n 1 | tr -c ' -~\n' '?'
}
