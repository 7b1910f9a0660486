/* musl relocates a static PIE, and leaves what it relocated writable: only its dynamic linker honours PT_GNU_RELRO. This
 * runs before main() and makes it read-only. The part of the last page that is data stays writable: rounded down. */
#include <elf.h>
#include <sys/mman.h>

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

__attribute__((constructor)) static void protect_relocated(void)
{
    const char *start = (const char *)&__ehdr_start;
    const Elf64_Phdr *segment = (const Elf64_Phdr *)(start + __ehdr_start.e_phoff);
    for (int i = 0; i < __ehdr_start.e_phnum; i++, segment++) {
        if (segment->p_type == PT_GNU_RELRO) {
            unsigned long first = segment->p_vaddr & ~4095ul;
            unsigned long end = (segment->p_vaddr + segment->p_memsz) & ~4095ul;
            mprotect((void *)(start + first), end - first, PROT_READ);
        }
    }
}
