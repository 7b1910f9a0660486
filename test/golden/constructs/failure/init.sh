# ---- input -------------------------------------------------------------------

mount_all() {
    mount first 0 || return
    mount second "$1" || return
    log 'both are mounted'
}

answer() {
    if_bad "$1" || return
    printf '%s\n' good
}

if_bad() {
    [ "$1" = 0 ] || fail "code $1 is bad" || return
    log "code $1 is good"
}

always() { fail always; }

choose() {
    [ "$1" != stop ] || fail 'told to stop' || return
    printf '%s\n' "$1"
}

in_loop() {
    for status in 0 3 0; do mount loop "$status" || return; done
    log 'never here'
}

in_switch() { case $1 in mount) mount switch 1 ;; *) limited 180 kexec -e 2 ;; esac; }

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
    if ! limited 180 kexec -s 1 && limited 180 kexec -c 0; then log 'the second way'; fi
    bad=$(answer 1) || return
    log "never here: $bad"
}
