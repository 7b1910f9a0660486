# Whether a parameter's value is a number that arithmetic can take (08 is not):
# is_count NAME [VALUE].
is_count() {
    case ${2-} in
        0 | [1-9]) ;;
        '' | *[!0-9]* | 0* | ??????????*)
            refuse_value "$1" "${2-}" 'a whole number of at most 9 digits'
            ;;
    esac
}
