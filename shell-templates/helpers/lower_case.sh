# Digests and hardware addresses are ASCII.
# shellcheck disable=SC2018,SC2019
lower_case() { printf '%s\n' "$1" | tr 'A-Z' 'a-z'; }
