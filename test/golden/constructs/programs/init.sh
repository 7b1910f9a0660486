# ---- input -------------------------------------------------------------------

tune() {
    ethtool -K "$1" rx off || return
    status=0
    ethtool -i "$1" 7 || status=$?
    log "$1: status $status"
}

main() {
    tune 'eth 0*' || return
    if ! ethtool -- 3; then log failed; fi
}
