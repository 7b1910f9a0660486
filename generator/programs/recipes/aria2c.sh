# aria2c, static: HTTP(S), FTP, BitTorrent and Metalink; names by c-ares, TLS by OpenSSL, XML by expat. What an image does
# without is switched off by words that configure takes.
. /build/recipes/common.sh
unpack aria2
autoreconf --install

PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig PKG_CONFIG='pkg-config --static' \
    ./configure --prefix=/usr --disable-nls --disable-websocket --disable-libaria2 --disable-shared --enable-static \
    --with-openssl --with-libcares --with-libexpat --with-libz \
    --without-gnutls --without-libxml2 --without-sqlite3 --without-libssh2 --without-libuv \
    --without-libnettle --without-libgmp --without-libgcrypt --without-appletls --without-wintls \
    --with-ca-bundle=/etc/ssl/certs/ca-certificates.crt \
    CPPFLAGS="-I$prefix/include" LDFLAGS="-L$prefix/lib $small $lto $link_small" \
    CFLAGS="$small $lto" CXXFLAGS="$small $lto" AR=gcc-ar RANLIB=gcc-ranlib NM=gcc-nm "$@"

# More than half of the time goes into reading the same headers 300 times: they are read once.
cp /build/recipes/aria2-headers.h src/headers.h
cat >>src/Makefile <<'RULE'
headers.h.gch: headers.h
	$(CXXCOMPILE) -x c++-header -o $@ headers.h
RULE
case " $* " in
*' --disable-cms-verify '*) ;;
*)
    cp /build/recipes/cms-verify.c src/
    cat >>src/Makefile <<'RULE'
DEFS += -DCMS_VERIFY
LDADD += cms-verify.o
aria2c: cms-verify.o
cms-verify.o: cms-verify.c
	$(COMPILE) -c -o $@ cms-verify.c
RULE
    ;;
esac
make -j"$jobs" -C deps
make -C src headers.h.gch
make -j"$jobs" -C src CXXFLAGS="$small $lto -include headers.h -Winvalid-pch" aria2c
# With the notes strip would take PT_GNU_RELRO away.
strip --strip-all --remove-section=.comment src/aria2c -o "$out/aria2c"
