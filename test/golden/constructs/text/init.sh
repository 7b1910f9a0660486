# ---- input -------------------------------------------------------------------

marks=',;'

slice() {
    text=$1 mark=$2
    head=${text%%"$mark"*}
    tail=${text#*"$mark"}
    all_but_last=${text%"$mark"*}
    last=${text##*"$mark"}
    no_prefix=${text#"$mark"}
    no_suffix=${text%"$mark"}
    none=${text%%["$marks"]*}
    log "$head|$tail|$all_but_last|$last|$no_prefix|$no_suffix|$none|${text#?}"
}

main() {
    slice a=b=c =
    slice 'a,b;c' ';'
    slice 'no mark' =
    slice '' =
    slice '***' '*'
    slice "a${newline}b" "$newline"
    fixed="a\$b*c\"d'e~f}g/h i"
    log "${fixed%%\$*} ${fixed#*\*} ${fixed#*\"} ${fixed#*\'}"
    log "${fixed#*\~} ${fixed#*\}} ${fixed#*/} ${fixed#*h } ${fixed%%\*c\"*}"
}
