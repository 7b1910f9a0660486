# The same, with its progress taken down: recorded_aria2c SECONDS WORD... What it
# leaves behind may keep the pipe open, so its end is a line of ours.
recorded_aria2c() {
    aria2c_mark='-- aria2c has ended --'
    aria2c_end=$({
        {
            aria2c_end=0
            unprivileged_aria2c "$@" 4>&- || aria2c_end=$?
            printf '%s\n' "$aria2c_end" >&4
            printf '%s\n' "$aria2c_mark"
        } | while IFS= read -r aria2c_line; do
            aria2c_said=${aria2c_line%"$aria2c_mark"}
            if [ -n "$aria2c_said" ] || [ -z "$aria2c_line" ]; then
                printf '%s\n' "$aria2c_said"
                record progress "${aria2c_said#aria2-initrd: download: }"
            fi
            [ "$aria2c_said" = "$aria2c_line" ] || break
        done >&2
    } 4>&1)
    return "${aria2c_end:-1}"
}
