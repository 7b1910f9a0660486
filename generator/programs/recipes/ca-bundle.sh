# The CA bundle: the certificates of Debian's ca-certificates, one after the other in the order of their names.
. /build/recipes/common.sh
rm -rf /build/ca-certificates
mkdir /build/ca-certificates
cd /build/ca-certificates
# A .deb is an ar archive with a tar file in it; there is no dpkg here.
ar x /build/sources/ca-certificates_*_all.deb
tar -xf data.tar.* --no-same-owner
cat usr/share/ca-certificates/mozilla/*.crt >"$out/ca-certificates.crt"
