# A text as people see it. Control characters and bytes outside of ASCII are
# \xNN, so that nothing foreign begins a line or moves the cursor; passwords in
# URLs are stars.
shown() {
    unseen=$1
    visible=
    IFS=$blanks
    for code in $(printf '%s' "$1" | tr -d ' -~' | od -A n -t x1 -v); do
        plain=${unseen%%[!\ -~]*}
        visible="$visible$plain\\x$code"
        unseen=${unseen#"$plain"?}
    done
    printf '%s\n' "$visible$unseen" |
        sed 's,\(://[^/?#@: ]*:\)[^/?# ]*@,\1***@,g'
}
