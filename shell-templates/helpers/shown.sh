# A text as people see it. Control characters and bytes outside of ASCII are
# \xNN, so that nothing foreign begins a line or moves the cursor; passwords in
# URLs are stars.
shown() {
    shown_rest=$1
    shown_text=
    IFS=$blanks
    for shown_code in $(printf '%s' "$1" | tr -d ' -~' | od -A n -t x1 -v); do
        shown_part=${shown_rest%%[!\ -~]*}
        shown_text="$shown_text$shown_part\\x$shown_code"
        shown_rest=${shown_rest#"$shown_part"?}
    done
    printf '%s\n' "$shown_text$shown_rest" |
        sed 's,\(://[^/?#@: ]*:\)[^/?# ]*@,\1***@,g'
}
