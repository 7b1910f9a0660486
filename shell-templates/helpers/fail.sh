# Says why a stage ends; its status makes the callers end too.
fail() { log "$1"; return 1; }
