# base64url (RFC 4648) made plain; base64 wants its own alphabet and padding.
decode_base64url() {
    set -- "${1%%=*}"
    case $1 in *[!A-Za-z0-9_-]*) fail 'not valid base64url' || return ;; esac
    case $((${#1} % 4)) in
        1) fail 'not valid base64url: truncated' || return ;;
        2) set -- "$1==" ;;
        3) set -- "$1=" ;;
    esac
    printf '%s' "$1" | tr -- '-_' '+/' | base64 -d
}
