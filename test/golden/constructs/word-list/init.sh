# ---- input -------------------------------------------------------------------

load() {
    extra=$1
    set -- -a "--name=$extra"
    if [ -n "$extra" ]; then set -- "$@" "$extra" more; fi
    set -- "$@" -z
    limited 60 ip link "$@" end || return
    log "$# words"
    for option in "$@"; do log "word <$option>"; done
}

main() {
    load '' || return
    load 'two words' || return
    load '*' || return
    load -n || return
    set --
    limited 120 modprobe "$@"
}
