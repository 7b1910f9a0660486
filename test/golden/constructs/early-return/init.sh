# ---- input -------------------------------------------------------------------

# The status of a condition that did not hold is not handed on.
check() {
    if [ -e "$1" ]; then log there; else return 0; fi
    log checked
}

check_kind() {
    if [ "$1" = a ]; then
        log a
    elif [ "$1" = b ]; then
        :
    else
        case $1 in c) return 0 ;; esac
    fi
}

main() {
    check nothing
    check .
    check_kind a
    check_kind b
    check_kind c
    check_kind d
    check nothing || fail 'an early return is no failure' || return
    if [ -e nothing ]; then
        log never
    else
        :
    fi
}
