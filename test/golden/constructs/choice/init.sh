# ---- input -------------------------------------------------------------------

name_of() {
    kind=$1 size=$2
    if [ "$kind" = a ]; then
        printf '%s\n' first
    elif [ "$size" -gt 3 ]; then
        printf '%s\n' large
    else
        case $kind in x*) printf '%s\n' odd ;; *) lower_case "$kind" ;; esac
    fi
}

is_usable() { if [ -z "$1" ]; then [ -e marker ]; else [ "$1" != bad ]; fi; }

# A key and its value; a key alone has none.
show_setting() {
    setting=$1
    key=${setting%%=*}
    case $setting in *=*) value=${setting#*=} ;; *) value= ;; esac
    case $setting in rd.*) rest=${setting#rd.} ;; *) rest='(not ours)' ;; esac
    case $value in
        */*) log "$key: ${value:-nothing}, last ${value##*/}, $rest" ;;
        *) log "$key: ${value:-nothing}, last none, $rest" ;;
    esac
}

required() {
    if [ -z "$1" ]; then fail 'nothing given' || return; else found=$1; fi
    printf '%s\n' "$found"
}

main() {
    for kind in a X '' xy -n '* '; do
        if [ "$kind" = X ]; then count=5; else count=${#kind}; fi
        if [ "$count" -gt 3 ]; then half=$((count / 2)); else half=$((count * 2)); fi
        name=$(name_of "$kind" "$half")
        if is_usable "$kind"; then log "usable $name"; else log 'not usable'; fi
        shown="${kind:-empty}"
        given="${kind:+given: $kind}"
        log "$shown $half $given"
        text=
        case $kind in
            *y | *'*'*) text=special ;;
            *) if [ "$kind" != a ]; then text=other; else text='a itself'; fi ;;
        esac
        if [ -e marker ]; then text="$text again"; else text="$text once"; fi
        log "$text"
        if [ "$kind" = X ]; then
            printf '%s\n' "${kind:-x}" >marker || return
        else
            printf '%s\n' "${kind:-x}" >other || return
        fi
    done
    for setting in ip=dhcp quiet rd.x==a/b= = '*=*' a=-n \
        "it's=\$(x)\`y\`\\"; do show_setting "$setting"; done
    kept=$(required something) || return
    log "$kept"
    rm -rf marker
}
