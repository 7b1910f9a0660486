# ---- input -------------------------------------------------------------------

classify() {
    text=$1 prefix=$2
    case $text in
        --*) log option ;;
        *.img | *'*'*) log 'image or star' ;;
        *) log neither ;;
    esac
    case $text in
        /*)
            case $text in /dev*) log device ;; esac
            ;;
        *) log relative ;;
    esac
    case $text in "$prefix"*) log 'has the prefix' ;; esac
    case $text in *"$prefix".* | *'$'*) ;; *) log 'neither of two' ;; esac
    case $text in *[!0-9a-f.]*) ;; *) log digits ;; esac
    case $text in *[!A-Z_-]*) log 'not all capitals' ;; esac
    case $text in
        '' | *[!0-9]*) ;;
        *)
            case $text in *0) log 'a multiple of ten' ;; esac
            ;;
    esac
    rest=$text
    while [ "${rest#/}" != "$rest" ] || [ "${rest%/}" != "$rest" ]; do
        rest=${rest#/}
        rest=${rest%/}
    done
    log "rest $rest"
}

main() {
    for given in '' --a a.img 'a*b' /dev/x //a// 1f. 120 A-Z_ esac "it's" \
        '[a]' p. '$' '~'; do
        log "given $given"
        classify "$given" ''
        classify "$given" p
        classify "$given" '*'
    done
}
