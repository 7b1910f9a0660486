#!/bin/sh
#
# How recorded.json was made: the first process of a QEMU machine with the cards
# that `machine` lists there. It writes what Debian's udev calls each of them,
# and the files of sysfs that it has this from.
#
#   build -o IMG --modules virtual,ethernet,cdc_ether,rndis_host,xhci-pci,uhci-hcd \
#       --add /bin/udevadm:/usr/bin/udevadm --add record.sh:/record
#   qemu-system-x86_64 -nographic -nodefaults -serial stdio -m 768 -no-reboot \
#       -kernel IMG/vmlinuz -initrd IMG/initrd.img \
#       -append 'console=ttyS0 quiet rdinit=/record net.ifnames=0' MACHINE

PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mkdir -p /run/udev

load_drivers() {
    find /sys/devices -name modalias -exec sort -u {} + 2>/dev/null |
        while read -r alias; do modprobe -b -q -- "$alias"; done
    sleep 1
}

for _ in 1 2 3 4 5 6 7 8; do load_drivers; done
for file in /sys/bus/pci/devices/*/sriov_totalvfs; do
    [ ! -e "$file" ] || echo 2 >"${file%total*}numvfs"
done
for _ in 1 2; do load_drivers; done

show() {
    [ ! -e "$1" ] || printf 'FILE %s %s\n' "$1" "$(cat "$1" 2>/dev/null)"
}

echo '=== BEGIN'
find /sys/devices -path '*/net/*/address' | sort | while read -r address; do
    folder=${address%/address}
    case $folder in /sys/devices/virtual/*) continue ;; *) ;; esac
    echo "INTERFACE $folder"
    udevadm test-builtin net_id "/sys/class/net/${folder##*/}" 2>/dev/null | grep ^ID_NET
    for name in type address phys_port_name dev_port; do show "$folder/$name"; done
    device=${folder%/net/*}
    while [ "$device" != /sys/devices ]; do
        for name in acpi_index index ari_enabled bInterfaceNumber; do show "$device/$name"; done
        [ ! -e "$device/config" ] ||
            echo "CONFIG $device/config $(od -A n -t x1 -N 16 "$device/config" | tr -d ' \n')"
        for link in "$device"/physfn "$device"/virtfn*; do
            [ ! -e "$link" ] || echo "FILE $link/uevent $(grep PCI_SLOT_NAME "$link/uevent")"
        done
        device=${device%/*}
    done
done
for slot in /sys/bus/pci/slots/*; do show "$slot/address"; done
echo '=== END'
poweroff -f
