# aria2c, static: HTTP(S), FTP, BitTorrent and Metalink; names by c-ares, TLS by OpenSSL, XML by expat.
. /build/recipes/common.sh
unpack aria2
for change in internal-arc4 early-random lazy-tls cooperative-swarm stop-without-progress seed-while-needed \
    summary-line; do
    patch --quiet --batch -p1 -i "/build/recipes/aria2-$change.patch"
done
autoreconf --install

PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig PKG_CONFIG='pkg-config --static' ARIA2_STATIC=yes \
    ./configure --prefix=/usr --disable-nls --disable-websocket --disable-libaria2 \
    --with-openssl --with-libcares --with-libexpat --with-libz \
    --without-gnutls --without-libxml2 --without-sqlite3 --without-libssh2 --without-libuv \
    --without-libnettle --without-libgmp --without-libgcrypt --without-appletls --without-wintls \
    --with-ca-bundle=/etc/ssl/certs/ca-certificates.crt \
    CPPFLAGS="-I$prefix/include" LDFLAGS="-L$prefix/lib $small $lto $link_small" \
    CFLAGS="$small $lto" CXXFLAGS="$small $lto" AR=gcc-ar RANLIB=gcc-ranlib NM=gcc-nm
make -j"$jobs" -C deps
# Reading the standard library's headers 400 times took a third of the time: they are read once.
{
    echo '#include "common.h"'
    printf '#include <%s>\n' algorithm array cassert cerrno chrono cstdint cstdio cstdlib cstring deque fstream functional \
        iterator limits list map memory numeric set sstream stdexcept string tuple unordered_map utility vector
} >src/headers.h
# With the flags that libtool compiles with: others, and the result would not be used.
# shellcheck disable=SC2086 # the flags are words
(cd src && g++ -DHAVE_CONFIG_H -I. -I.. -I../lib -I../intl -pipe $small $lto -fPIC -DPIC -x c++-header headers.h \
    -o headers.h.gch)
make -j"$jobs" -C src CXXFLAGS="$small $lto -Winvalid-pch -include headers.h" aria2c
strip --strip-all --remove-section=.comment --remove-section=.note.* src/aria2c -o "$out/aria2c"
