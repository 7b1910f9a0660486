# A number by chance, from 0 to below LIMIT, which is 32,768 at most: random_below LIMIT.
random_below() {
    random_number=$(od -A n -t u2 -N 2 /dev/urandom | tr -d ' ')
    printf '%s' "$((random_number * $1 / 65536))"
}
