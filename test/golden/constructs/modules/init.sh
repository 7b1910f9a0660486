# ---- shared ------------------------------------------------------------------
# What opens a module of constants alone, which comes first.

shared=shared         # What is shared.

# ---- other -------------------------------------------------------------------
# What opens a module stands below its banner.

# Says it.
describe() { log "$1, $shared"; }

# ---- input -------------------------------------------------------------------

own="own $((1 + 1))"  # Comments stand above what they are about.

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
