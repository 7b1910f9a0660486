# The last line at a file's end that holds a text; what is not visible in it
# is `?`. last_line_with FILE TEXT
last_line_with() {
    tail -c 65536 "$1" | grep -F -e "$2" | tail -n 1 | tr -c ' -~\n' '?'
}
