# Whether a parameter's value is one of some words: is_one_of NAME VALUE WORD...
is_one_of() {
    choice_name=$1
    choice=$2
    choices=
    shift 2
    for choice_word in "$@"; do
        if [ "$choice" = "$choice_word" ]; then return 0; fi
        choices="$choices, $choice_word"
    done
    refuse_value "$choice_name" "$choice" "one of ${choices#, }"
}
