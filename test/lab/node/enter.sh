#!/bin/sh
# Makes a node's root out of the folder that all nodes share, then becomes the
# node. It runs in a mount and a PID namespace of its own: nothing of this is
# seen outside, and all of it ends with the node.
set -eu
root=$1
# The kernel command line of /init lies at /lab/cmdline in the shared folder;
# LAB_PARAMETERS are this node's own.
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mkdir "$root/run/aria2-initrd"
read -r cmdline <"$root/lab/cmdline"
printf '%s %s\n' "$cmdline" "${LAB_PARAMETERS-}" >"$root/run/cmdline"
mount --bind "$root/run/cmdline" "$root/proc/cmdline"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for device in null zero random urandom; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
exec chroot "$root" /bin/busybox sh /lab/node
