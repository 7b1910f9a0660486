# kexec, static against musl; without Xen, and without zlib and lzma: the kernel unpacks what it boots.
. /build/recipes/common.sh
unpack kexec-tools
only_kernel_headers
musl-gcc $small_c -c /build/recipes/relro.c -o /build/relro.o
[ -x configure ] || autoreconf --install
./configure --prefix=/usr --sbindir=/sbin --without-xen --without-zlib --without-lzma \
    CC=musl-gcc BUILD_CC=gcc \
    CFLAGS="$small_c -idirafter /build/kernel-headers" LDFLAGS="$link_small /build/relro.o"
make -j"$jobs" build/sbin/kexec
strip --strip-all --remove-section=.comment --remove-section=.note.* build/sbin/kexec -o "$out/kexec"
