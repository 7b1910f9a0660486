/**
 * A kernel of 1.5 kB by the x86 boot protocol (Documentation/arch/x86/boot.rst) that writes its command line to port
 * 0xE9, a newline after it, and resets the machine. Boot loaders take it for Linux.
 */

const setup = 0x200
const sector = 512

/** Bytes from a pointer up to a NUL go to port 0xE9: test al,al; jz; out 0xE9,al; inc bx or ebx; jmp to the load. */
const writeLoop = [0x84, 0xc0, 0x74, 0x05, 0xe6, 0xe9, 0x43, 0xeb, 0xf5]

/** A newline, a reset by the keyboard controller, and hlt for as long as that takes. */
const end = [0xb0, 0x0a, 0xe6, 0xe9, 0xb0, 0xfe, 0xe6, 0x64, 0xf4, 0xeb, 0xfd]

/** Entered in real mode, as iPXE and PXELINUX do: cmd_line_ptr is at DS:0x228, a linear address. */
const realMode = [
  ...[0x66, 0xa1, 0x28, 0x02], // mov eax,[0x228]
  ...[0x89, 0xc3, 0x83, 0xe3, 0x0f], // mov bx,ax; and bx,15
  ...[0x66, 0xc1, 0xe8, 0x04, 0x8e, 0xd8], // shr eax,4; mov ds,ax
  ...[0x8a, 0x07], // mov al,[bx]
  ...writeLoop,
  ...end,
]

/** Entered in protected mode, as GRUB does: ESI holds the address of boot_params. */
const protectedMode = [
  ...[0x8b, 0x9e, 0x28, 0x02, 0x00, 0x00], // mov ebx,[esi+0x228]
  ...[0x8a, 0x03], // mov al,[ebx]
  ...writeLoop,
  ...end,
]

/** @param longest cmdline_size in its header: how long a command line may be, without its NUL */
export function echoKernel(longest = 2047): Buffer {
  const image = Buffer.alloc(3 * sector)
  image[0x1f1] = 1 // setup_sects
  image.writeUInt32LE(sector / 16, 0x1f4) // syssize
  image.writeUInt16LE(0xaa55, 0x1fe)
  image.set([0xeb, 0x7e], setup) // jmp to 0x280
  image.write('HdrS', 0x202)
  image.writeUInt16LE(0x020c, 0x206) // version
  image[0x211] = 1 // loadflags: LOADED_HIGH
  image.writeUInt32LE(0x100000, 0x214) // code32_start
  image.writeUInt32LE(0x7fffffff, 0x22c) // initrd_addr_max
  image.writeUInt32LE(0x200000, 0x230) // kernel_alignment
  image.writeUInt32LE(longest, 0x238)
  image.writeUInt32LE(0x100000, 0x258) // pref_address
  image.writeUInt32LE(0x10000, 0x260) // init_size
  image.set(realMode, 0x280)
  image.set(protectedMode, 2 * sector)
  return image
}
