# Where a symbolic link leads; nothing where a path is none.
link_target() { readlink -- "$1" 2>/dev/null || :; }
