// The least that a boot can be: loads the drivers of a network card, asks for an address (RFC 2131), fetches one byte by HTTP, and
// powers off. Without the word floor=ADDRESS:PORT it is the second system: says when that began, and the timeline of the first.
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char report[4096];
static int reported;

// A moment by the processor's counter, which begins at power-on, and by the kernel's clock, in nanoseconds.
static void moment(const char *name)
{
    struct timespec since;
    clock_gettime(CLOCK_BOOTTIME, &since);
    reported += sprintf(report + reported, "moment %s %llu %llu\n", name,
                        (unsigned long long)__builtin_ia32_rdtsc(),
                        since.tv_sec * 1000000000ULL + since.tv_nsec);
}

// What was taken down is said at the end: the serial line is slow.
static void end(const char *why)
{
    printf("\n%send %s\n", report, why);
    fflush(stdout);
    reboot(RB_POWER_OFF);
    for (;;) pause();
}

static int try_number(int result, const char *what)
{
    if (result < 0) end(what);
    return result;
}

static void load_drivers(void)
{
    char name[32];
    int file;
    for (int number = 10;; number++) {
        sprintf(name, "/modules/%d.ko", number);
        if ((file = open(name, O_RDONLY)) < 0) return;
        try_number(syscall(SYS_finit_module, file, "", 0), name);
        close(file);
    }
}

static void request_of(struct ifreq *request, uint32_t address)
{
    struct sockaddr_in *in = (struct sockaddr_in *)&request->ifr_addr;
    memset(request, 0, sizeof *request);
    strcpy(request->ifr_name, "eth0");
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = address;
}

static unsigned char answer[1500];

// The value of an option in the answer, or nothing.
static unsigned char *option(int wanted, int size)
{
    for (int at = 240; at < size && answer[at] != 255; at += answer[at] == 0 ? 1 : 2 + answer[at + 1])
        if (answer[at] == wanted) return answer + at + 2;
    return NULL;
}

// DISCOVER (1) is answered by OFFER (2), REQUEST (3) by ACK (5).
static int ask(int udp, const unsigned char *hardware, int type, const unsigned char *more, int length)
{
    unsigned char message[300] = {1, 1, 6, 0, 'f', 'l', 'o', 'o'};
    struct sockaddr_in everyone = {AF_INET, htons(67), {INADDR_BROADCAST}, {0}};
    const unsigned char first[] = {99, 130, 83, 99, 53, 1, type};
    int size;
    message[10] = 0x80; // The answer by broadcast: there is no address yet.
    memcpy(message + 28, hardware, 6);
    memcpy(message + 236, first, sizeof first);
    memcpy(message + 243, more, length);
    message[243 + length] = 255;
    for (;;) {
        try_number(sendto(udp, message, sizeof message, 0, (void *)&everyone, sizeof everyone), "sendto");
        while ((size = recv(udp, answer, sizeof answer, 0)) > 240) {
            unsigned char *kind = option(53, size);
            if (memcmp(answer + 4, "floo", 4) == 0 && kind && *kind == type + 1 + (type == 3)) return size;
        }
    }
}

static void get_address(void)
{
    int yes = 1, udp = try_number(socket(AF_INET, SOCK_DGRAM, 0), "socket");
    struct sockaddr_in client = {AF_INET, htons(68), {INADDR_ANY}, {0}};
    struct timeval patience = {0, 20000}; // The card sends nothing until the kernel has seen its link.
    struct ifreq interface;
    struct rtentry route = {0};
    unsigned char wish[12] = {50, 4, 0, 0, 0, 0, 54, 4}, hardware[6];
    int size;
    uint32_t mask, router;
    request_of(&interface, 0);
    try_number(ioctl(udp, SIOCGIFHWADDR, &interface), "eth0 is not there");
    memcpy(hardware, interface.ifr_hwaddr.sa_data, 6);
    interface.ifr_flags = IFF_UP | IFF_RUNNING;
    try_number(ioctl(udp, SIOCSIFFLAGS, &interface), "eth0 cannot be set up");
    setsockopt(udp, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
    setsockopt(udp, SOL_SOCKET, SO_BINDTODEVICE, "eth0", 5);
    setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    try_number(bind(udp, (void *)&client, sizeof client), "bind");
    size = ask(udp, hardware, 1, wish, 0);
    memcpy(wish + 2, answer + 16, 4);
    memcpy(wish + 8, option(54, size), 4);
    size = ask(udp, hardware, 3, wish, sizeof wish);
    memcpy(&mask, option(1, size), 4);
    memcpy(&router, option(3, size), 4);
    request_of(&interface, *(uint32_t *)(wish + 2));
    try_number(ioctl(udp, SIOCSIFADDR, &interface), "address");
    request_of(&interface, mask);
    try_number(ioctl(udp, SIOCSIFNETMASK, &interface), "mask");
    route.rt_dst.sa_family = route.rt_genmask.sa_family = AF_INET;
    route.rt_gateway = interface.ifr_addr;
    ((struct sockaddr_in *)&route.rt_gateway)->sin_addr.s_addr = router;
    route.rt_flags = RTF_UP | RTF_GATEWAY;
    try_number(ioctl(udp, SIOCADDRT, &route), "route");
}

static void fetch_byte(const char *server)
{
    const char *port = strchr(server, ':') + 1, get[] = "GET /absent HTTP/1.0\r\n\r\n";
    struct sockaddr_in there = {AF_INET, htons(atoi(port)), {0}, {0}};
    char host[32] = "", byte;
    int tcp = try_number(socket(AF_INET, SOCK_STREAM, 0), "socket");
    strncat(host, server, port - 1 - server);
    there.sin_addr.s_addr = inet_addr(host);
    try_number(connect(tcp, (void *)&there, sizeof there), "connect");
    try_number(write(tcp, get, sizeof get - 1), "write");
    moment("request");
    if (read(tcp, &byte, 1) != 1) end("no answer");
    moment("byte");
}

int main(void)
{
    const char *server = getenv("floor");
    char line[256];
    FILE *timeline;
    moment("init");
    if (server != NULL) {
        load_drivers();
        moment("drivers");
        get_address();
        moment("address");
        fetch_byte(server);
    } else if ((timeline = fopen("/aria2-initrd/timeline", "r")) != NULL) {
        while (fgets(line, sizeof line, timeline)) printf("timeline %s", line);
    }
    end("well");
}
