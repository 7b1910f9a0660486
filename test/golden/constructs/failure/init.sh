# ---- input -------------------------------------------------------------------

mount_all() {
    status=$1
    mount first 0 || return
    mount second "$status" || return
    log 'both are mounted'
}

answer() {
    status=$1
    if_bad "$status" || return
    printf '%s\n' good
}

if_bad() {
    code=$1
    [ "$code" = 0 ] || fail "code $code is bad" || return
    log "code $code is good"
}

always() {
    fail always
}

choose() {
    kind=$1
    [ "$kind" != stop ] || fail 'told to stop' || return
    printf '%s\n' "$kind"
}

in_loop() {
    for status in 0 3 0; do
        mount loop "$status" || return
    done
    log 'never here'
}

in_switch() {
    kind=$1
    case $kind in
        mount) mount switch 1 ;;
        *) limited 180 kexec -e 2 ;;
    esac
}

main() {
    if mount_all 0; then log well; fi
    if ! mount_all 7; then log 'not well'; fi
    mount_all 1 || :
    in_loop || :
    in_switch mount || :
    in_switch other || :
    always || :
    code=0
    unprivileged_aria2c 9 --a 0 || code=$?
    log "status $code"
    code=0
    unprivileged_aria2c 9 --b 22 || code=$?
    log "status $code"
    good=$(answer 0) || return
    log "$good"
    chosen=$(choose go) || return
    log "$chosen"
    if ! limited 180 kexec -s 1 && limited 180 kexec -c 0; then
        log 'the second way'
    fi
    bad=$(answer 1) || return
    log "never here: $bad"
}
