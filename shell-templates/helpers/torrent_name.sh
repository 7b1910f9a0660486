# The name in a torrent (BEP 3), of letters, digits and ._- alone; else nothing.
torrent_name() {
    name_there=$(grep -o '4:name[0-9]*:[A-Za-z0-9_][A-Za-z0-9._-]*12:piece length' "$1" |
        head -n 1)
    name_there=${name_there#4:name*:}
    printf '%s\n' "${name_there%12:piece length}"
}
