# ---- input -------------------------------------------------------------------

show() {
    record=$1
    IFS=:
    # shellcheck disable=SC2086 # split where IFS says
    set -- $record
    client=${1-} gateway=${3-} mask=${4-} host=${5-}
    log "($client) ($gateway) ($mask) ($host)"
    IFS=,
    # shellcheck disable=SC2046 # split where IFS says
    set -- $(lower_case "$record")
    first=${1-}
    log "$first"
}

main() {
    for record in 10.0.0.5::10.0.0.1:255.255.255.0:Node-1:eth0:off '' : :: \
        a a:b:c:d :x: '* ?:-n: b : ' "a${newline}b:c:d$newline:e" \
        -n:--:-:= "\$(x):\`y\`:\"':\\:z" '[::1]:2:3'; do show "$record"; done
}
