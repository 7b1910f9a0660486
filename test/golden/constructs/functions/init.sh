# ---- input -------------------------------------------------------------------

greet() {
    greeting="hello $1"
    if [ "$2" -eq 0 ]; then return 0; fi
    printf '%s\n' "$greeting $2"
}

twice() { printf '%s\n' "$(($1 * 2))"; }

four_times() {
    doubled=$(twice "$1")
    twice "$doubled"
}

greet_again() { greet "$1" 2; }

search() {
    path=$1
    if [ -e "$1" ]; then
        size=1
    else
        path=elsewhere
        size=$((2 + 1))
    fi
}

report() { log "$1 $path $size ${#path}"; }

main() {
    first=$(greet you 1)
    empty=$(greet nobody 0)
    again=$(greet_again 'two words')
    eight=$(four_times 2)
    log "<$first> <$empty> <$again> <$eight>"
    search nothing
    report found
}
