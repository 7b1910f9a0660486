# ---- input -------------------------------------------------------------------

letters_in() {
    letters=0
    IFS=$newline
    for line in $1; do
        size=${#line}
        letters=$((letters + size))
    done
    printf '%s\n' "$letters"
}

name_for() {
    name=file
    IFS=$newline
    for line in $1; do name="$name-$line"; done
    printf '%s\n' "$name"
}

lines_of() {
    text=$1
    IFS=$newline
    # shellcheck disable=SC2086 # split where IFS says
    set -- $text
    printf '%s\n' "$#"
}

show() {
    IFS=$newline
    # shellcheck disable=SC2086 # split where IFS says
    limited 60 ip show $1
}

main() {
    text="a b${newline}c:d$newline$newline*,e"
    show "$text" || return
    log "$(letters_in "$text") $(name_for "x${newline}y") $(lines_of "$text")"
    IFS=:
    # shellcheck disable=SC2086 # split where IFS says
    set -- $text
    first=${1-} second=${2-}
    more=$(($(letters_in "$text") + 1))
    printf '%s\n' "$first" >"$(name_for "x${newline}y")" || return
    for part in $second; do log "$part $more $(lines_of "$text")"; done
    # The words of a text.
    IFS=$blanks
    # shellcheck disable=SC2086 # split where IFS says
    limited 60 ip all $text || return
    if [ "$more" -gt 2 ]; then
        # And once more.
        # shellcheck disable=SC2086 # split where IFS says
        limited 60 ip some $text || return
    fi
    written=$(cat file-x-y) || return
    if [ -z "$written" ]; then log nothing; else log "${#written} $(lines_of "$text")"; fi
    show "$text"
}
