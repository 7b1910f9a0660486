# Says that a parameter's value is not taken: refuse_value NAME VALUE WANTED.
refuse_value() {
    log "$1=$2: wants $3; left as it was"
}
