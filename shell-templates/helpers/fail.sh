# Says why a stage ends; its status makes the callers end too.
fail() { log "$1"; return 1; } # without reports
fail() { log "$1" failed; return 1; } # with reports
