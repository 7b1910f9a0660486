# zlib, static, for aria2 (HTTP's Content-Encoding, tracker answers).
. /build/recipes/common.sh
unpack zlib
CFLAGS="$small_c $lto" AR=gcc-ar RANLIB=gcc-ranlib ./configure --static --prefix="$prefix"
make -j"$jobs" libz.a
make install DESTDIR="$out" >/dev/null
rm -rf "$out$prefix/share" "$out$prefix/lib/"*.la
