# ---- shared ------------------------------------------------------------------

# What opens a module of constants alone, which comes first.

# What is shared.
shared=shared

# ---- other -------------------------------------------------------------------

# What opens a module stands below its banner.

# Says it.
describe() {
    what=$1
    log "$what, $shared"
}

# ---- input -------------------------------------------------------------------

# Comments stand above what they are about.
own="own $((1 + 1))"

# The life of it.
#
# In two paragraphs.
main() {
    # Above a statement.
    describe "$own"
    # Two lines, joined.
    case $own in
        own*)
            # In a block.
            log "$shared"
            ;;
    esac
}
