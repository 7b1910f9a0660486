# ---- input -------------------------------------------------------------------

folder=/tmp           # A constant is a variable that is set before main.
limit=3
below="$folder/below"
marks=$(printf ' \t\n%%\\"')

main() {
    empty='' plain=plain quoted="two words, \$HOME \`x\` \"q\" \\ 's"
    changing=$plain
    changing="$changing-$limit"
    changing="$changing!"
    joined="a${changing}b12"
    sum="$((1 + 2))c"
    # A newline is the variable of that name.
    two="one${newline}two"
    log "<$empty> <$plain> <$quoted> <$changing> <$joined> <$sum>"
    log "$two"
    log "$below"
    log "${plain}s ${plain}_ ${plain}[0] ${#plain}"
    log "$marks"
}
