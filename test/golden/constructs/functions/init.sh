# ---- input -------------------------------------------------------------------

greet() {
    who=$1
    times=$2
    greeting="hello $who"
    if [ "$times" -eq 0 ]; then return 0; fi
    printf '%s\n' "$greeting $times"
}

twice() {
    amount=$1
    printf '%s\n' "$((amount * 2))"
}

four_times() {
    value=$1
    doubled=$(twice "$value")
    twice "$doubled"
}

greet_again() {
    name=$1
    greet "$name" 2
}

search() {
    wanted=$1
    path=$wanted
    if [ -e "$wanted" ]; then
        size=1
    else
        path=elsewhere
        size=$((2 + 1))
    fi
}

report() {
    lead=$1
    log "$lead $path $size ${#path}"
}

main() {
    first=$(greet you 1)
    empty=$(greet nobody 0)
    again=$(greet_again 'two words')
    eight=$(four_times 2)
    log "<$first> <$empty> <$again> <$eight>"
    search nothing
    report found
}
