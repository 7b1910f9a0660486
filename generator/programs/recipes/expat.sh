# expat, static, for aria2's Metalink files. Unwind tables stay: aria2's callbacks throw through it.
. /build/recipes/common.sh
unpack expat
# Debian has upstream's git tree: the library lies one folder down and has no generated configure.
[ ! -d expat ] || cd expat
[ -x configure ] || autoreconf --install
./configure --prefix="$prefix" --disable-shared --enable-static --without-docbook --without-examples \
    --without-tests --without-xmlwf CFLAGS="$small $lto" AR=gcc-ar RANLIB=gcc-ranlib
make -j"$jobs"
make install DESTDIR="$out" >/dev/null
rm -rf "$out$prefix/share" "$out$prefix/lib/"*.la
