# For programs that are configured by Kconfig; sourced after common.sh.

# options FILE: the lines of a reviewed fragment without comments.
options() {
    sed -e 's/[[:space:]]*#.*//' -e '/^$/d' "$1"
}

# require_taken NAME FRAGMENT CONFIG: an option that does not exist, that needs what is not there, or that another one switched
# off again, is a mistake in the fragment NAME.
require_taken() {
    lost=$(grep -vxF -f "$3" "$2") || return 0
    printf '%s: not taken over:\n%s\n' "$1" "$lost" >&2
    exit 1
}
