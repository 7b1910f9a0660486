# ---- input -------------------------------------------------------------------

meaning() {
    case $1 in
        1 | one) printf '%s\n' first ;;
        'esac') printf '%s\n' 'a word of the shell' ;;
        '') printf '%s\n' nothing ;;
        'two words' | '*' | "$newline") printf '%s\n' special ;;
        *) printf '%s\n' another ;;
    esac
}

count() {
    text=many
    case $(($1 - 1)) in 0) text=one ;; 1) text=two ;; esac
    printf '%s\n' "$text"
}

# A clause may go on with the loop around it.
walk() {
    for item in a b c d; do
        case $item in
            a) continue ;;
            c) log 'c ends it'; return 0 ;;
            d) fail 'never here' || return ;;
            *) log "item $item" ;;
        esac
        log "after $item"
    done
}

main() {
    for given in 1 one esac '' 'two words' '*' x "$newline" '?'; do
        said=$(meaning "$given")
        log "$given: $said"
    done
    for number in 1 2 3; do
        named=$(count "$number")
        log "$named"
    done
    walk
}
