# The same, with its progress taken down: recorded_aria2c SECONDS WORD...
recorded_aria2c() {
    aria2c_end=$({
        {
            aria2c_end=0
            unprivileged_aria2c "$@" 4>&- || aria2c_end=$?
            printf '%s\n' "$aria2c_end" >&4
        } | while IFS= read -r aria2c_line; do
            printf '%s\n' "$aria2c_line"
            record progress "${aria2c_line#aria2-initrd: download: }"
        done >&2
    } 4>&1)
    return "${aria2c_end:-1}"
}
