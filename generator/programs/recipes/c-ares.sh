# c-ares, static: aria2 resolves names by it alone, so that no NSS module of glibc is needed at run time.
. /build/recipes/common.sh
unpack c-ares
[ -x configure ] || autoreconf --install
./configure --prefix="$prefix" --disable-shared --enable-static --disable-tests --disable-cares-threads \
    --disable-symbol-hiding CFLAGS="$small $lto" AR=gcc-ar RANLIB=gcc-ranlib
make -j"$jobs"
make install DESTDIR="$out" >/dev/null
rm -rf "$out$prefix/share" "$out$prefix/lib/"*.la
