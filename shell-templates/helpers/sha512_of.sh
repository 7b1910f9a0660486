sha512_of() {
    digest_line=$(sha512sum <"$1") || return
    printf '%s\n' "${digest_line%% *}"
}
