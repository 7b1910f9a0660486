# OpenSSL as a TLS 1.2 and 1.3 client needs it: RSA, ECDSA, EdDSA, X25519, the NIST curves, AES-GCM, ChaCha20, SHA-1/2, MD5.
# CMS is for cms-verify. Static libraries without the loadable parts: no engines, no modules, no legacy provider, nothing but the default one.
. /build/recipes/common.sh
unpack openssl

# shellcheck disable=SC2086 # the flags are words
./Configure linux-x86_64 --prefix="$prefix" --libdir=lib --openssldir=/etc/ssl --release \
    no-shared no-pic no-module no-dso no-legacy no-engine no-apps no-docs no-tests no-makedepend no-fips \
    no-autoload-config no-autoerrinit no-ui-console no-uplink no-threads no-async no-egd no-filenames no-ktls no-secure-memory \
    no-ssl3 no-tls1 no-tls1_1 no-dtls no-quic no-psk no-srp no-srtp no-nextprotoneg no-ct no-ocsp no-comp \
    no-ssl-trace no-sslkeylog no-http no-cmp no-ts no-rfc3779 no-gost no-multiblock \
    no-aria no-bf no-blake2 no-camellia no-cast no-des no-idea no-md4 no-mdc2 no-ocb no-rc2 no-rc4 no-rc5 \
    no-rmd160 no-seed no-siphash no-siv no-sm2 no-sm3 no-sm4 no-whirlpool no-scrypt no-argon2 no-cmac \
    no-dsa no-dh no-ec2m no-ml-dsa no-ml-kem no-slh-dsa \
    $small_c $lto
make -j"$jobs" build_libs
make install_dev DESTDIR="$out" >/dev/null
