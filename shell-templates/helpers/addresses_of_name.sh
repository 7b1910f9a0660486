# What the name servers know of a name, one address a line: addresses_of_name
# KIND NAME, `a` or `aaaa`.
addresses_of_name() {
    timeout -s KILL 5 nslookup "-type=$1" "$2" 2>/dev/null |
        sed -n 's/^Address: //p'
}
