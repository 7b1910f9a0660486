# ---- input -------------------------------------------------------------------

load_all() {
    # shellcheck disable=SC2086 # split where IFS says
    limited 120 modprobe -a -- $1
}

count() {
    list=$1
    IFS=,
    # shellcheck disable=SC2086 # split where IFS says
    set -- x $list
    printf '%s\n' "$#"
}

main() {
    load_all "pci:v1${newline}usb: a*b$newline$newline-q$newline\$(x) \"y\"\\" || return
    load_all '' || return
    set --
    given=" set   dev eth0$newline* "
    IFS=$blanks
    # shellcheck disable=SC2086 # split where IFS says
    set -- "$@" link $given up
    limited 60 ip "$@" || return
    log "$# $(count 'a,,b, c ,') $(count '')"
    mkdir -p 'folder/b c' || return
    mkdir -p folder/a || return
    IFS=$newline
    # shellcheck disable=SC2046 # split where IFS says
    limited 60 ip names $(names_in folder) || :
}
