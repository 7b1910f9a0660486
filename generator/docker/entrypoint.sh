#!/bin/sh
# The first process of the container: runs aria2-initrd. What it leaves in /output belongs to the owner of that folder,
# which is the caller's, although root writes it (a kernel's files are often readable by root alone).
set -u

started=$(mktemp) || exit 1
aria2-initrd "$@" <&0 &
generator=$!
# `docker stop` and Ctrl-C ask the first process alone, and one that sets no trap does not even notice.
trap 'kill -TERM "$generator"' HUP INT TERM

wait "$generator"
status=$?
# A signal ends the wait early.
while kill -0 "$generator" 2>/dev/null; do
    wait "$generator"
    status=$?
done

owner=$(stat -c %u:%g /output)
if [ "$(id -u)" -eq 0 ] && [ "$owner" != 0:0 ]; then
    # Only what is new: the rest of the folder is none of our business.
    find /output -xdev -user 0 -cnewer "$started" -exec chown -h "$owner" {} +
fi
if [ -n "$(find /output/initrd.img -newer "$started" 2>/dev/null)" ] && ! mountpoint -q /output; then
    # shellcheck disable=SC2016 # $PWD is for the reader's own shell.
    printf '%s\n' 'note: no folder is mounted at /output, so the files stay in the container; to have them:' \
        '      docker run --rm -v "$PWD/output:/output" aria2-initrd' >&2
fi
rm -f "$started"
exit "$status"
