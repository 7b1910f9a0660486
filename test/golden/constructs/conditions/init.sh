# ---- input -------------------------------------------------------------------

is_known() { [ "$1" = a ] || [ "$1" = b ]; }

is_marked() {
    text=$1
    if [ -z "$text" ]; then return 1; fi
    for mark in + -; do
        if [ "$text" = "$mark" ]; then return 0; fi
    done
    case $text in '#'*) ;; *) return 1 ;; esac
    case $text in *'#') return 1 ;; esac
}

compare() {
    word=$1 amount=$2
    if [ -z "$word" ]; then
        log empty
    elif [ "$word" != x ] && [ "$amount" -gt 3 ]; then
        log 'not x, more than 3'
    elif [ "$amount" -ge 2 ] || [ "$word" = '(' ]; then
        log '2 or more, or ('
    else
        log otherwise
    fi
    if [ "$amount" -ne 3 ] && { [ "$word" = x ] || [ "$word" = ! ]; } && ! is_known "$word"; then
        log mixed
    fi
    if [ "$amount" -lt 1 ] || [ "$amount" -le 0 ] || [ "$amount" -ne 1 ]; then log 'not 1'; fi
    if { [ "$word" != x ] || [ "$amount" -le 2 ]; } &&
            [ "$word" != a ] && [ ! -e nothing ] && [ "$amount" -ne 4 ]; then
        log 'none of those'
    fi
    if is_known "$word"; then log known; fi
    if ! is_marked "$word"; then log 'not marked'; fi
    if [ -e nothing ] || [ ! -e . ]; then log never; fi
    if : && :; then log always; fi
}

main() {
    for given in '' x a ! '(' -n = - '#' '#a' '#a#' ')' -a; do
        log "given $given"
        compare "$given" 0
        compare "$given" 1
        compare "$given" 3
        compare "$given" 4
    done
}
