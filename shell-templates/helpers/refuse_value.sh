# Reports a value that is not taken: refuse_value NAME VALUE EXPECTED.
refuse_value() { log "$1=$2: ignored; expected $3"; return 1; }
