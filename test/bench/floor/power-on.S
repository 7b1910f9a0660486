# A kernel (Documentation/arch/x86/boot.rst) that says on the serial line what the processor's counter was when the firmware had loaded
# it: 16 digits, A for 0 to P for 15.
    .code16
    .org 0x1f1
    .byte 1             # sectors of this part behind the first
    .org 0x1fe
    .word 0xaa55
    .org 0x200
    .byte 0xeb, 0x3e    # to 0x240
    .ascii "HdrS"
    .word 0x206
    .org 0x211
    .byte 1             # the rest of it goes above 1 MiB
    .org 0x240
    rdtsc
    movl %eax, %ebx
    movl %edx, %ecx
    movw $0x3f8, %dx
    movb $'\n', %al
    outb %al, %dx
    movw $16, %si
1:  movl %ecx, %eax
    shrl $28, %eax
    addb $'A', %al
    outb %al, %dx
    shldl $4, %ebx, %ecx
    shll $4, %ebx
    decw %si
    jnz 1b
    movb $'\n', %al
    outb %al, %dx
2:  hlt
    jmp 2b
    .org 0x1000
