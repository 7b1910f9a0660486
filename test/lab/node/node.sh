#!/bin/sh
# shellcheck disable=SC2034,SC2154 # what is set here is read by the functions of /init, and the other way round
#
# A node of the lab: the download stage of the shipped /init, or what it is
# compared with. /lab/functions is /init without its last line, `main "$@"`.
# Lines that begin with @ are for the lab; times are those of /proc/uptime.

# shellcheck source=/dev/null
. /lab/functions
trap - EXIT

# now EVENT REST: one line for the lab.
now() {
    read -r uptime </proc/uptime
    printf '@%s %s %s\n' "$1" "${uptime%% *}" "$2"
}

# One try that does not come from /init: it gets the same kind of folder.
by_hand() {
    mount -t tmpfs -o nosuid,nodev,size=75% tmpfs /tmp && "$@"
}

# What aria2c says passes through /init to its standard error.
exec 2>&1

now ready ''
# The lab says when; without a lab there is nothing to do.
read -r _ || exit 1
now start ''
outcome=0
case $LAB_METHOD in
    http-wget)
        by_hand wget -q -O /tmp/payload "$LAB_URL" || outcome=$?
        [ "$outcome" -ne 0 ] || now complete /tmp/payload
        ;;
    naive)
        # As OpenCHAMI's aria2-initrd calls it; its --out is ignored for torrents.
        by_hand aria2c --enable-dht --enable-peer-exchange \
            --bt-seed-unverified=true --seed-ratio=1.0 --dir=/tmp "$LAB_URL" ||
            outcome=$?
        ;;
    *)
        # The stages before this one: the command line is read by /init's own
        # code, the network is the lab's.
        stage=command-line
        read_command_line || exit
        boot_interface=eth0
        printf '%s\n' eth0 >"$way_file"
        : >"$given_file"
        prepare_output "$output_dir" || exit
        stage=download
        download || outcome=$?
        ;;
esac
now end "$outcome"
# The files are compared while the node waits here.
read -r _
