# Shared by the recipes, each of which sources it. They run inside the build root:
#   /build/recipes   these files, with busybox.config and the patches
#   /build/sources   the source packages' files, checked against the lock
#   /build/prefix    libraries and headers of the recipes that this one needs
#   /build/out/NAME  what the recipe leaves
# The paths are the same on every machine, so they cannot make the bytes differ.
set -eu
umask 022
export LC_ALL=C TZ=UTC
# Nothing is dated by the day of the build; tools that ask get this one.
export SOURCE_DATE_EPOCH=1735689600
jobs=$(nproc)
prefix=/build/prefix
out=/build/out/${RECIPE:?}
mkdir -p "$prefix" "$out"

# What these programs read comes from strangers: ../README.md says what each of these costs. musl has no
# _FORTIFY_SOURCE; what is linked with it does without.
hardened='-fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection=full'
# Small before fast, and every function in a section of its own, so that the linker can leave out what is not called.
small="-Os $hardened -ffunction-sections -fdata-sections -fmerge-all-constants -ffile-prefix-map=/build=."
# For C without C++ callers: no tables for unwinding.
small_c="$small -fno-asynchronous-unwind-tables -fno-unwind-tables"
lto='-flto=auto -fno-fat-lto-objects'
# Relative relocations, of which a static PIE has many, are packed: a tenth of their size.
link_small='-static-pie -Wl,--gc-sections,-O1,--build-id=none,-z,relro,-z,now,-z,noexecstack,-z,noseparate-code'
link_small="$link_small -Wl,-z,pack-relative-relocs,--hash-style=gnu"

# apply SERIES: the patches that a series names, in its order, from its folder; nothing where there is no series.
apply() {
    [ -f "$1" ] || return 0
    # A line: the file's name, perhaps an option such as -p1, perhaps a comment.
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1" |
        while read -r name strip; do
            patch --quiet --batch "${strip:--p1}" -i "${1%/*}/$name"
        done
}

# unpack NAME: the upstream tarball with Debian's patches, then ours, in /build/NAME; ends in that folder.
unpack() {
    rm -rf "/build/$1"
    mkdir "/build/$1"
    cd "/build/$1"
    tar -xf "/build/sources/$1"_*.orig.tar.* --strip-components=1 --no-same-owner
    tar -xf "/build/sources/$1"_*.debian.tar.* --no-same-owner
    apply debian/patches/series
    apply "/build/recipes/$1.series"
}

# only_kernel_headers: a folder with the kernel's headers and nothing of glibc's, for musl.
only_kernel_headers() {
    mkdir -p /build/kernel-headers
    ln -sfn /usr/include/linux /build/kernel-headers/linux
    ln -sfn /usr/include/asm-generic /build/kernel-headers/asm-generic
    ln -sfn /usr/include/mtd /build/kernel-headers/mtd
    ln -sfn /usr/include/x86_64-linux-gnu/asm /build/kernel-headers/asm
}
