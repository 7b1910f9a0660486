# ---- input -------------------------------------------------------------------

length_of() { printf '%s\n' "${#1}"; }

quoted() { printf '%s\n' "<$(lower_case "$1")>"; }

main() {
    text="A${newline}B"
    log "$(quoted "$text") and $(lower_case C), $(($(length_of "$text") * 2 - $(length_of abc)))"
    if [ "$(($(length_of "$text") - 2))" -gt 1 ] && [ "$(quoted '*')" = '<*>' ]; then log asked; fi
    round=0
    while [ "$round" -lt "$(length_of xyz)" ]; do round=$((round + $(length_of x))); done
    log "$round"
    mkdir -p 'folder/b c' || return
    mkdir -p folder/-a || return
    printf '%s\n' "$(quoted Q)" >'folder/*' || return
    for name in $(names_in folder); do log "$name"; done
    IFS=,
    for part in $(lower_case 'X,,Y Z,'); do log "($part)"; done
}
