# ---- input -------------------------------------------------------------------

first() {
    text=$(cat -- "$1") || return
    printf '%s\n' "<$text>"
}

second() { first "$1"; }

main() {
    printf '%s\n' 'some text' >there || return
    good=$(second there) || return
    log "$good"
    number=$(whole_number 12) || return
    log "$((number + 1))"
    bad=$(whole_number 08) || return
    log "never here: $bad"
}
