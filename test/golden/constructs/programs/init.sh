# ---- input -------------------------------------------------------------------

tune() {
    device=$1
    ethtool -K "$device" rx off || return
    status=0
    ethtool -i "$device" 7 || status=$?
    log "$device: status $status"
}

main() {
    tune 'eth 0*' || return
    if ! ethtool -- 3; then log failed; fi
}
