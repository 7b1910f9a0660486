# The netboot kernel: Debian's source with the options of netboot.config, and the modules beside it, as a tree that
# --kernel-root could name.
. /build/recipes/common.sh
. /build/recipes/kconfig.sh

# No dpkg is here: a package is an archive of ar.
rm -rf /build/linux
mkdir -p /build/linux /build/package
cd /build/package
ar x /build/sources/linux-source-*.deb
tar -xf data.tar.* ./usr/src --no-same-owner
tar -xf usr/src/linux-source-*.tar.xz -C /build/linux --strip-components=1 --no-same-owner
cd /build/linux
rm -rf /build/package

# What the kernel says of its own making: the same on every machine.
export KBUILD_BUILD_USER=aria2-initrd KBUILD_BUILD_HOST=debian KBUILD_BUILD_VERSION=1
KBUILD_BUILD_TIMESTAMP=$(date -u -d "@$SOURCE_DATE_EPOCH")
# xz cuts large modules into as many blocks as it has processors.
export KBUILD_BUILD_TIMESTAMP ARCH=x86_64 XZ_OPT=--threads=1

# Everything is off except what the reviewed fragment says.
options /build/recipes/netboot.config >/build/netboot.config
make -s KCONFIG_ALLCONFIG=/build/netboot.config allnoconfig
require_taken netboot.config /build/netboot.config .config

make -s -j"$jobs" bzImage modules
version=$(make -s kernelrelease)
make -s INSTALL_MOD_PATH="$out" INSTALL_MOD_STRIP=1 DEPMOD=true modules_install
rm -f "$out/lib/modules/$version/build" "$out/lib/modules/$version/source"
install -D -m 644 arch/x86/boot/bzImage "$out/boot/vmlinuz-$version"
install -m 644 .config "$out/boot/config-$version"
