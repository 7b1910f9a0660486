# ---- input -------------------------------------------------------------------

# The status of a condition that did not hold is not handed on.
check() {
    path=$1
    if [ -e "$path" ]; then log there; else return 0; fi
    log checked
}

check_kind() {
    kind=$1
    if [ "$kind" = a ]; then
        log a
    elif [ "$kind" = b ]; then
        :
    else
        case $kind in c) return 0 ;; esac
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
