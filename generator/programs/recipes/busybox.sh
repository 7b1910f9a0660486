# BusyBox with the applets of busybox.config but those of the parts that are named, static against musl (glibc would bring
# its name service modules).
. /build/recipes/common.sh
. /build/recipes/kconfig.sh
unpack busybox
only_kernel_headers

# Everything is off except what the reviewed fragment says.
export KCONFIG_NOTIMESTAMP=1
make allnoconfig >/dev/null
cp /build/recipes/busybox.config reviewed
for part; do
    sed -i -e "/^# ---- part $part:/,/^# ---- end of part $part\$/d" reviewed
done
options reviewed >fragment
sed -e 's/=.*//' fragment | while read -r option; do
    sed -i -e "/^$option=/d" -e "/^# $option is not set/d" .config
done
cat fragment >>.config
make oldconfig </dev/null >/dev/null 2>&1 || true
require_taken busybox.config fragment .config

musl-gcc $small_c -c /build/recipes/relro.c -o /build/relro.o
# XZ_DEC_X86: initrds may be made with the filter for x86 code. CONFIG_EXTRA_LDFLAGS is for `ld -r` as well, which knows no
# -static-pie.
make -j"$jobs" CC=musl-gcc HOSTCC=gcc AR=gcc-ar NM=gcc-nm SKIP_STRIP=y \
    EXTRA_CFLAGS="$small_c -DXZ_DEC_X86 -idirafter /build/kernel-headers" CFLAGS_busybox="-static-pie /build/relro.o" \
    CONFIG_EXTRA_LDFLAGS="${link_small#-static-pie }" busybox
strip --strip-all --remove-section=.comment --remove-section=.note.* busybox -o "$out/busybox"
"$out/busybox" --list >"$out/applets"
