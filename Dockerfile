# The generator in a container, with the programs for the image built already.
#
#   docker build -t aria2-initrd .
#   docker run --rm -v "$PWD/output:/output" aria2-initrd
#
# Build arguments, all may be left out:
#   KERNEL                a Debian package such as linux-image-amd64, to be kept in the container: then it also builds
#                         images where there is no network
#   KERNEL_SOURCE         the same package, for --target sources: the kernel's source too
#   ARCHIVE_OPTIONS       options of aria2-initrd fetch, such as "--locked --mirror URL --snapshot URL"
#   NPM_CONFIG_REGISTRY   a site's own npm registry
# apt uses the mirror of the base image, and Docker passes proxies on by itself (--build-arg http_proxy=…).

FROM debian:trixie-slim AS node
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates nodejs \
    && apt-get clean && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/aria2-initrd

# What npm brings, and ShellCheck as a program, which is quicker than the WebAssembly one.
FROM node AS installed
RUN if [ "$(dpkg --print-architecture)" != amd64 ]; then \
        echo "images are made by x86-64 programs, and this is $(dpkg --print-architecture):" \
            "docker build --platform linux/amd64 ., where the engine emulates x86-64" >&2; exit 1; \
    fi
RUN apt-get update \
    && apt-get install -y --no-install-recommends debian-archive-keyring npm shellcheck \
    && apt-get clean && rm -rf /var/lib/apt/lists/*

# Without a value it stays unset and npm takes its own.
ARG NPM_CONFIG_REGISTRY
COPY .npmrc package.json package-lock.json ./
RUN npm ci

FROM installed AS fetched
# Only what the programs are built by, so that a change elsewhere does not build them again.
COPY tsconfig.json ./
COPY generator/host generator/host
COPY generator/programs generator/programs
COPY generator/commands/container-programs.ts generator/commands/
ARG ARCHIVE_OPTIONS
# The folder of the cache may be a mounted one, of podman build --volume. The build root has no Node, so this one goes along
# with its libraries.
RUN XDG_CACHE_HOME=/tmp/cache node --import tsx generator/commands/container-programs.ts --unpack /build-root $ARCHIVE_OPTIONS \
    && mkdir /build-root/node \
    && cp -L /usr/bin/node $(ldd /usr/bin/node | grep -o '/[^ ]*') /build-root/node

# The engine gives each container /dev and /proc. A chroot in one would lack them where nothing may be mounted and no device
# made, as in Docker without root.
FROM scratch AS programs
COPY --from=fetched /build-root /
COPY --from=node /usr/share/nodejs /usr/share/nodejs
COPY --from=fetched /tmp/cache /tmp/cache
COPY --from=fetched /opt/aria2-initrd /opt/aria2-initrd
WORKDIR /opt/aria2-initrd
RUN XDG_CACHE_HOME=/tmp/cache /node/ld-linux-x86-64.so.2 --library-path /node \
        /node/node --import tsx generator/commands/container-programs.ts --here \
    && cd /tmp/cache/aria2-initrd/binaries/results \
    && mkdir /programs \
    && cp -R aria2c-* busybox-* ca-bundle-* kexec-* /programs

FROM installed AS builder
COPY --from=programs /programs /programs
COPY tsconfig.json ./
COPY generator generator
COPY rootfs-skel rootfs-skel
COPY shell-templates shell-templates
# By rule, whatever the umask of the checkout was.
RUN chmod -R u=rwX,go=rX /programs tsconfig.json generator rootfs-skel shell-templates \
    && chmod 755 generator/docker/entrypoint.sh

# As the package is: compiled, and without what only a checkout needs.
FROM builder AS packaged
RUN npm run -s dist \
    && npm prune --omit=dev \
    && find generator -mindepth 1 -maxdepth 1 ! -name stages ! -name docker -exec rm -rf {} + \
    && find . \( -type d ! -perm 755 -o -type f ! -perm 644 ! -perm 755 \) -exec chmod u=rwX,go=rX {} + \
    && chmod 755 dist/commands/cli.js

# docker build --target sources: the source of all that the container holds, as Debian has it, and how it was built.
# Not KERNEL: Docker's older builder goes through this stage in any case, and a kernel's source is 150 MB.
FROM fetched AS kept-sources
COPY generator generator
ARG KERNEL_SOURCE
RUN XDG_CACHE_HOME=/tmp/cache node --import tsx generator/commands/container-sources.ts /kept "$KERNEL_SOURCE" \
    && rm -rf /tmp/cache/aria2-initrd/*
FROM scratch AS sources
COPY --from=kept-sources /kept /

FROM node
ENV XDG_CACHE_HOME=/var/cache
COPY --from=builder /programs /var/cache/aria2-initrd/binaries/results
COPY --from=packaged /opt/aria2-initrd ./
# Anyone may keep kernels there and write here: `docker run --user` works too.
RUN ln -s /opt/aria2-initrd/dist/commands/cli.js /usr/local/bin/aria2-initrd \
    && mkdir -p /output \
    && chmod 1777 /output /var/cache/aria2-initrd
ARG KERNEL
RUN if [ -n "$KERNEL" ]; then \
        aria2-initrd build --kernel "$KERNEL" -o /tmp/image \
        && rm -rf /tmp/image \
        && chmod -R go=rX,u=rwX /var/cache/aria2-initrd/* \
        && chmod 1777 /var/cache/aria2-initrd/*; \
    fi
# Paths on the command line are those of the container; `output`, the default of build, is /output.
WORKDIR /
ENTRYPOINT ["/opt/aria2-initrd/generator/docker/entrypoint.sh"]
CMD ["build"]
