# ---- input -------------------------------------------------------------------

show() {
    path=$1
    if [ -e "$path" ]; then log "$path is there"; fi
    if [ -d "$path" ]; then log "$path is a directory"; fi
    if [ -s "$path" ] && [ ! -d "$path" ]; then
        text=$(cat -- "$path") || return
        size=$(stat -c %s -- "$path") || return
        log "$path holds $size: $text"
    fi
    if grep -qxF -e '-x *' -- "$path" 2>/dev/null; then log "$path has the line"; fi
}

main() {
    stage=files
    mkdir -p -- -folder/deep || return
    printf '%s\n' '-x *' >'-folder/a b' || return
    printf '%s\n' "one$newline-x *${newline}three" >-n || return
    cat -- '-folder/a b' >>-n || return
    for name in -n -folder '-folder/a b' nothing --; do show "$name" || return; done
    rm -rf -- -n || return
    show -n || return
    rm -rf -- -n || return
    small=$(lower_case 'ABC-xyz $')
    seconds=$(as_decimal 1050)
    log "$small $seconds"
}
