# ---- input -------------------------------------------------------------------

main() {
    seven=7 count=2
    count=$((count + 1))
    count=$((count * 10))
    count=$((count - seven))
    count=$((count + 4 * (seven - 2)))
    half=$((count / 2))
    rest=$((count % 5))
    below=$((3 - seven))
    nested=$((seven - (count - (2 - 1))))
    product=$(((seven + 1) * (seven - 1)))
    log "$count $half $rest $below $nested $product $((seven * 2))"
    log "negative: $((below - 1)) $(((seven - 30) / 4)) $(((seven - 30) % 4))"
}
