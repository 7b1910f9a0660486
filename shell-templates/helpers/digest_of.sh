# The digest of a file in hex: digest_of PROGRAM FILE.
digest_of() {
    digest_line=$("$1" <"$2") || return # without progress
    digest_line=$(told_digest "$@") || return # with progress
    printf '%s\n' "${digest_line%% *}"
}
