# What a digest's program prints, and on the console, how far it is: its place in
# the file is that of descriptor 4. told_digest PROGRAM FILE.
told_digest() {
    digest_file=$2
    {
        tell_reading "$digest_file" >&2 &
        digest_status=0
        "$1" <&4 || digest_status=$?
        stop_job "$!"
    } 4<"$2" || return
    return "$digest_status"
}
