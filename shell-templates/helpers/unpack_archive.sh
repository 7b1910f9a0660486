# Unpacks an archive into a folder, from what a program unpacks of a file, of the
# file itself with cat: unpack_archive PROGRAM FILE ARCHIVER FOLDER. The archiver
# alone does not see where a damaged file ends too soon, and stops at the archive's
# end: the program would fail where the file goes on, if nobody read the rest.
unpack_archive() {
    { "$1" <"$2" 2>/dev/null || : >/run/aria2-initrd/damaged; } | (
        cd "$4" || exit
        case $3 in
            tar) tar -x -f - ;;
            *) cpio -i -d -m -u ;;
        esac && cat >/dev/null
    ) && [ ! -e /run/aria2-initrd/damaged ]
}
