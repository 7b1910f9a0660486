# The number that hex digits are.
hex_number() { printf '%d\n' "0x$1"; }
