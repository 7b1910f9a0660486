# Reports a value that a parameter does not take, and is no success:
# refuse_value NAME VALUE EXPECTED.
refuse_value() {
    log "$1=$2: ignored; expected $3"
    return 1
}
