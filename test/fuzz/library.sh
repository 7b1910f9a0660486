# aria2 as a library for the fuzz targets: the source and the patches of generator/programs, with sanitizers.
#   library.sh SOURCES WORK OUT HEADERS PATCH…
# SOURCES has the two tarballs, WORK is emptied, OUT gets the headers and libaria2.a, HEADERS is the recipe's aria2-headers.h.
set -eu
export LC_ALL=C
sources=$1 work=$2 out=$3 headers=$4
shift 4

rm -rf "$work" "$out"
mkdir -p "$work" "$out"
cd "$work"
tar -xf "$sources"/*aria2_*.orig.tar.* --strip-components=1 --no-same-owner
tar -xf "$sources"/*aria2_*.debian.tar.* --no-same-owner
sed -e 's/#.*//' -e '/^[[:space:]]*$/d' debian/patches/series |
    while read -r name strip; do patch --quiet --batch "${strip:--p1}" -i "debian/patches/$name"; done
for change in "$@"; do patch --quiet --batch -p1 -i "$change"; done
autoreconf --install

# As the recipe has it, except that the machine's own libraries are linked. -O0: in CI a target is compiled longer than it runs.
# On one line each: configure writes them into Makefiles as they are, where a second line would be something else.
flags='-O0 -gline-tables-only -fno-omit-frame-pointer -fno-sanitize-recover=undefined'
flags="$flags -fsanitize=address,undefined,fuzzer-no-link"
./configure CC=clang CXX='clang++ -std=c++11' --disable-nls --disable-websocket --disable-libaria2 \
    --with-openssl --with-libcares --with-libexpat --with-libz \
    --disable-shared --without-gnutls --without-libxml2 --without-sqlite3 --without-libssh2 --without-libuv \
    --without-libnettle --without-libgmp --without-libgcrypt --without-appletls --without-wintls \
    CPPFLAGS=-D_GLIBCXX_ASSERTIONS CFLAGS="$flags" CXXFLAGS="$flags" LDFLAGS="$flags"

# The headers that most files include are read once, as by the recipe.
# shellcheck disable=SC2086
clang++ -std=c++11 -DHAVE_CONFIG_H -D_GLIBCXX_ASSERTIONS -Isrc -I. -Isrc/includes $flags \
    -x c++-header "$headers" -o headers.pch
make -j"$(nproc)" -C src CXXFLAGS="$flags -include-pch $PWD/headers.pch" libaria2.la
nm src/.libs/libaria2.a | grep __asan_report >/dev/null || { echo 'no sanitizer in the library' >&2; exit 1; }

mkdir "$out/include"
cp config.h src/*.h "$out/include"
cp -r src/includes/aria2 "$out/include/aria2"
cp src/.libs/libaria2.a "$out"
