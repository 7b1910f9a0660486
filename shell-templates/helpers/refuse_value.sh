# Reports a value that its parameter does not take: refuse_value NAME VALUE
# EXPECTED.
refuse_value() {
    log "$1=$2: ignored; expected $3"
}
