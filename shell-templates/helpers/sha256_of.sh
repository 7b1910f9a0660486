sha256_of() {
    digest_line=$(sha256sum <"$1") || return
    printf '%s\n' "${digest_line%% *}"
}
