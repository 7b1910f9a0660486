# ---- input -------------------------------------------------------------------

first_long() {
    IFS=$blanks
    for item in $1; do
        if [ "${#item}" -gt 2 ]; then printf '%s\n' "$item"; return; fi
    done
    printf '%s\n' none
}

main() {
    text="one$newline$newline  two *${newline}three$newline"
    for line in $text; do log "line <$line>"; done
    IFS=$blanks
    for word in $text; do log "word <$word>"; done
    record=':a::b c:'
    IFS=:
    for field in $record; do
        log "field <$field>"
        IFS=-
        for inner in $field; do log "inner <$inner>"; done
    done
    for given in x 'y z' '$HOME' ''; do log "given <$given>"; done
    round=0
    while :; do
        round=$((round + 1))
        if [ "$round" -eq 2 ]; then continue; fi
        if [ "$round" -gt 4 ]; then break; fi
        log "round $round"
    done
    while [ "$round" -gt 3 ] && [ "$round" -ne 100 ]; do round=$((round - 1)); done
    log "left at $round"
    found=$(first_long 'a bb ccc dddd')
    missing=$(first_long a)
    log "$found $missing"
}
