# The text itself when it is a number that arithmetic can take.
whole_number() {
    case $1 in
        0 | [1-9]) ;;
        '' | *[!0-9]* | 0* | ????????????????*) fail "'$1' is not a whole number" || return ;;
    esac
    printf '%s\n' "$1"
}
