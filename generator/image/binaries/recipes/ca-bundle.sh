# The CA bundle: the certificates of Debian's ca-certificates, one after the other in the order of their names.
. /build/recipes/common.sh
rm -rf /build/ca-certificates
dpkg-deb --extract /build/sources/ca-certificates_*_all.deb /build/ca-certificates
cat /build/ca-certificates/usr/share/ca-certificates/mozilla/*.crt >"$out/ca-certificates.crt"
