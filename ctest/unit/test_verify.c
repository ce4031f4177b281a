/* SPDX-License-Identifier: MIT */
/*
 * The verifier's rules, each by code that breaks it and by code that just does not. The code below
 * is assembled where it stands and never run. Against another decoder: ctest/fuzz/verify_zydis.c.
 */
#include "test.h"

#include "verify.h"

#include <ctx/slot.h>

#include <stdlib.h>
#include <string.h>

#define AT "0x400000" /* where it would lie in a slot */

/* add BASE_WORD(%rip),%reg by the byte that says which register; 0: is where a case begins. */
#define RIP_TO(offset)     ".long " offset "-" AT "-(.+4-0b);"
#define ADD_BASE(rex, reg) ".byte " rex ",0x03," reg ";" RIP_TO("0x20000")
#define BASE_RAX           ADD_BASE("0x48", "0x05")
#define BASE_RBX           ADD_BASE("0x48", "0x1d")
#define BASE_RSP           ADD_BASE("0x48", "0x25")
#define BASE_RSI           ADD_BASE("0x48", "0x35")
#define BASE_RDI           ADD_BASE("0x48", "0x3d")
#define BASE_R11           ADD_BASE("0x4c", "0x1d")
#define BASE_R12           ADD_BASE("0x4c", "0x25")
#define EDI                "mov %edi,%edi;" BASE_RDI
#define ESI                "mov %esi,%esi;" BASE_RSI

#define ACCEPTED(X)                                                                                \
    X(load, "mov %gs:8(%eax,%ecx,4),%rbx")                                                         \
    X(store, "movl $1,%gs:(%r10d)")                                                                \
    X(number, "mov %gs:0x1000,%eax")                                                               \
    X(negative_number_of_32_bits, ".byte 0x65,0x67,0x8b,0x04,0x25; .long -8")                      \
    X(stack, "mov 8(%rsp),%rax; mov %rax,-32768(%rsp); mov 32768(%rsp),%rax")                      \
    X(rip, "mov 0x1000(%rip),%rax; mov %rax,-0x1000(%rip)")                                        \
    X(rip_lowest, ".byte 0x48,0x8b,0x05;" RIP_TO("0x10000"))                                       \
    X(rip_highest, ".byte 0x48,0x8b,0x05; .long 0x7fffffff")                                       \
    X(address, "lea 8(%rax,%rcx,4),%rbx; lea 8(%rip),%rax; lea -1(%eax),%ecx")                     \
    X(push, "push %rax; push %r12; push $7; push $70000; pushq %gs:(%eax); pop %r12")              \
    X(pop_to_memory, "popq %gs:(%eax); popq 8(%rsp)")                                              \
    X(leave_and_return, "mov %ebp,%esp;" BASE_RSP "pop %rbp; pop %r11; .p2align 5;"                \
                        "and $-32,%r11d;" BASE_R11 "jmp *%r11")                                    \
    X(computed_call, "and $-32,%eax;" BASE_RAX "call *%rax")                                       \
    X(computed_by_r12, "and $-32,%r12d;" BASE_R12 "jmp *%r12")                                     \
    X(computed_behind_a_branch, "jmp 1f; 1: and $-32,%eax;" BASE_RAX "jmp *%rax")                  \
    X(small_frame, "sub $64,%rsp; push %rax; .p2align 5; add $32768,%rsp; pop %r15")               \
    X(large_frame, "sub $0x100000,%esp;" BASE_RSP)                                                 \
    X(aligned_frame, "and $-64,%esp;" BASE_RSP)                                                    \
    X(frame_from_address, "lea -40(%rbp),%esp;" BASE_RSP)                                          \
    X(frame_from_memory, "mov %gs:(%edi),%esp;" BASE_RSP)                                          \
    X(strings, EDI ESI "rep movsb; .p2align 5;" EDI "rep stosq; .p2align 5;" ESI EDI               \
                       "repe cmpsw; .p2align 5;" EDI "repne scasb; .p2align 5;" ESI "lodsl")       \
    X(branches, "1: jmp 1b; je 1b; jrcxz 1b; call 2f; 2: nop")                                     \
    X(gate, ".byte 0xe8;" RIP_TO("0x10040") ".byte 0xe9;" RIP_TO("0x1ffe0"))                       \
    X(bits, "bts $5,%gs:(%edi); bts %rax,%rbx; lock btrl $1,%gs:(%edi)")                           \
    X(atomics, "lock cmpxchg %rax,%gs:(%edi); lock xadd %eax,%gs:(%edi); xchg %al,%gs:(%edi);"     \
               "lock incl %gs:(%edi); lock cmpxchg16b %gs:(%edi)")                                 \
    X(high_bytes, "mov $1,%ah; mov %ch,%dh; add %ah,%bh; mov %r12b,%r13b; setb %ah")               \
    X(control_words, "ldmxcsr %gs:(%eax); stmxcsr -4(%rsp); fldcw 2(%rsp); fnstcw %gs:(%ebx)")     \
    X(x87, "fldl %gs:(%eax); fstpt %gs:(%eax); fxch; faddp; fnstsw %ax; fninit; fnclex")           \
    X(fences, "mfence; lfence; sfence; pause; emms; endbr64")                                      \
    X(traps, "ud2; int3")                                                                          \
    X(long_nops, ".byte 0x66,0x66,0x66,0x66,0x66,0x66,0x2e,0x0f,0x1f,0x84,0,0,0,0,0;"              \
                 "nopw 0x100(%rax,%rax,1); xchg %ax,%ax")                                          \
    X(vectors, "movdqu %gs:(%eax),%xmm3; pshufd $1,%xmm1,%xmm2; cvttsd2si %xmm0,%rax;"             \
               "vaddps %gs:(%eax),%ymm1,%ymm2; vzeroupper; andn %eax,%ebx,%ecx")                   \
    X(hidden_system_call, "movl $0x9090050f,%eax")                                                 \
    X(prefetch, "prefetcht0 %gs:(%eax)")                                                           \
    X(prefetch_to_write, "prefetchw %gs:(%eax); .byte 0x65,0x67,0x0f,0x0d,0x00")                   \
    X(bit_by_number, "bt $3,%gs:(%edi); bt $3,%ebx")

#define REFUSED(X)                                                                                 \
    X(load_raw, OPERAND, "mov (%rax),%rbx")                                                        \
    X(store_raw, OPERAND, "mov %rbx,(%rax)")                                                       \
    X(number_raw, OPERAND, "mov 0x1000,%eax")                                                      \
    X(load_far, OPCODE, "movabs 0x1000,%al")                                                       \
    X(short_address_without_gs, OPERAND, "mov (%eax),%ebx")                                        \
    X(gs_with_long_address, OPERAND, "mov %gs:(%rax),%ebx")                                        \
    X(gs_negative_number, OPERAND, ".byte 0x65,0x8b,0x04,0x25; .long -8")                          \
    X(gs_rip, OPERAND, ".byte 0x65,0x8b,0x05; .long 0")                                            \
    X(gs_eip, OPERAND, ".byte 0x65,0x67,0x8b,0x05; .long 0")                                       \
    X(gs_with_a_register, OPCODE, ".byte 0x65,0x89,0xc0")                                          \
    X(gs_with_an_address, OPCODE, ".byte 0x65,0x8d,0x04,0x08")                                     \
    X(short_address_with_a_register, OPCODE, ".byte 0x67,0x89,0xc0")                               \
    X(eip, OPERAND, ".byte 0x67,0x8b,0x05; .long 0")                                               \
    X(fs, OPCODE, "mov %fs:0,%rbx")                                                                \
    X(two_segments, OPCODE, ".byte 0x65,0x3e,0x67,0x8b,0x00")                                      \
    X(rex_before_prefix, OPCODE, ".byte 0x4f,0x65,0x67,0x8b,0x00")                                 \
    X(stack_far, OPERAND, "mov 32769(%rsp),%rax")                                                  \
    X(stack_far_below, OPERAND, "mov -32769(%rsp),%rax")                                           \
    X(stack_with_index, OPERAND, "mov (%rsp,%rax),%rbx")                                           \
    X(rip_below, OPERAND, ".byte 0x48,0x8b,0x05;" RIP_TO("0xffff"))                                \
    X(rip_far_below, OPERAND, "mov -0x7fffff00(%rip),%rax")                                        \
    X(push_raw, OPERAND, "pushq (%rax)")                                                           \
    X(pop_raw, OPERAND, "popq (%rax)")                                                             \
    X(push_16, OPCODE, "pushw %ax")                                                                \
    X(mov_rsp, STACK, "mov %rax,%rsp")                                                             \
    X(pop_rsp, OPCODE, "pop %rsp")                                                                 \
    X(pop_rsp_long, STACK, ".byte 0x8f,0xc4")                                                      \
    X(xchg_rsp, OPCODE, "xchg %rax,%rsp")                                                          \
    X(xchg_rsp_long, STACK, ".byte 0x48,0x87,0xdc")                                                \
    X(cmov_rsp, STACK, "cmove %rax,%rsp")                                                          \
    X(bswap_rsp, OPCODE, "bswap %rsp")                                                             \
    X(mov_spl, OPCODE, "mov $1,%spl")                                                              \
    X(inc_spl, STACK, "inc %spl")                                                                  \
    X(mov_sp, STACK, "mov %ax,%sp")                                                                \
    X(mulx_rsp, STACK, "mulx %rax,%rsp,%rbx")                                                      \
    X(blsr_rsp, STACK, "blsr %rax,%rsp")                                                           \
    X(lea_rsp, STACK, "lea 8(%rsp),%rsp")                                                          \
    X(frame_without_probe, STACK, "add $64,%rsp; mov %rax,%rbx")                                   \
    X(frame_too_large_for_probe, STACK, "add $32769,%rsp; pop %rax")                               \
    X(frame_probe_in_next_bundle, STACK, ".skip 28,0x90; add $64,%rsp; pop %rax")                  \
    X(frame_probe_pops_rsp, STACK, "add $64,%rsp; pop %rsp")                                       \
    X(esp_alone, STACK, "mov %eax,%esp; nop")                                                      \
    X(esp_other_base, STACK, "mov %eax,%esp;" BASE_RAX)                                            \
    X(esp_base_in_next_bundle, STACK, ".skip 30,0x90; mov %eax,%esp;" BASE_RSP)                    \
    X(esp_wrong_word, STACK, "mov %eax,%esp; .byte 0x48,0x03,0x25;" RIP_TO("0x20008"))             \
    X(esp_decremented, STACK, "dec %esp;" BASE_RSP)                                                \
    X(base_alone, STACK, BASE_RSP)                                                                 \
    X(enter, OPCODE, "enter $16,$0")                                                               \
    X(leave, OPCODE, "leave")                                                                      \
    X(ret, BASE, "ret")                                                                            \
    X(ret_imm, BASE, "ret $8")                                                                     \
    X(far_ret, OPCODE, "lret")                                                                     \
    X(jmp_reg, BASE, "jmp *%rax")                                                                  \
    X(call_reg, BASE, "call *%rax")                                                                \
    X(jmp_mem, BASE, "jmp *%gs:(%eax)")                                                            \
    X(jmp_far, BASE, "ljmp *%gs:(%eax)")                                                           \
    X(mask_of_64_bits, BASE, "and $-32,%rax;" BASE_RAX "jmp *%rax")                                \
    X(mask_too_fine, BASE, "and $-16,%eax;" BASE_RAX "jmp *%rax")                                  \
    X(mask_of_another, BASE, "and $-32,%eax;" BASE_RBX "jmp *%rbx")                                \
    X(branch_by_another, BASE, "and $-32,%eax;" BASE_RAX "jmp *%rbx")                              \
    X(branch_by_high, BASE, "and $-32,%ecx; .byte 0x48,3,0x0d;" RIP_TO("0x20000") "jmp *%r9")      \
    X(mask_without_base, BASE, "and $-32,%eax; jmp *%rax")                                         \
    X(mask_with_wrong_word, BASE, "and $-32,%eax; .byte 0x48,3,5;" RIP_TO("0x20010") "jmp *%rax")  \
    X(mask_in_other_bundle, BASE, ".skip 29,0x90; and $-32,%eax;" BASE_RAX "jmp *%rax")            \
    X(branch_in_other_bundle, BASE, ".skip 22,0x90; and $-32,%eax;" BASE_RAX "jmp *%rax")          \
    X(push_and_ret, BASE, "and $-32,%eax;" BASE_RAX "push %rax; ret")                              \
    X(into_group, TARGET, "jmp 1f; mov %eax,%esp; 1:" BASE_RSP)                                    \
    X(into_masked_branch, TARGET, "jmp 1f; and $-32,%eax; 1:" BASE_RAX "jmp *%rax")                \
    X(into_string, TARGET, "jmp 1f; mov %edi,%edi;" BASE_RDI "1: stosb")                           \
    X(past_the_probe, TARGET, "jmp 1f; sub $64,%rsp; 1: push %rax")                                \
    X(into_instruction, TARGET, "jmp 1f; .byte 0x48,0xb8; 1: .byte 0x0f,0x05,0,0,0,0,0,0")         \
    X(out_of_the_code, TARGET, ".byte 0xe9; .long 0x100000")                                       \
    X(before_the_code, TARGET, ".byte 0xe8; .long -0x100000")                                      \
    X(inside_a_gate, TARGET, ".byte 0xe8;" RIP_TO("0x10044"))                                      \
    X(behind_the_gates, TARGET, ".byte 0xe8;" RIP_TO("0x20000"))                                   \
    X(across_bundles, BUNDLE, ".skip 30,0x90; mov %eax,%gs:(%eax)")                                \
    X(cut_off, BUNDLE, ".skip 31,0x90; .byte 0x48; .p2align 5,0x90")                               \
    X(branch_with_66, OPCODE, ".byte 0x66,0xe9,0,0,0,0")                                           \
    X(call_with_66, OPCODE, ".byte 0x66,0xe8,0,0,0,0")                                             \
    X(condition_with_66, OPCODE, ".byte 0x66,0x0f,0x84,0,0,0,0")                                   \
    X(branch_with_f2, OPCODE, ".byte 0xf2,0xe9,0,0,0,0")                                           \
    X(branch_with_rex, OPCODE, ".byte 0x48,0xe9,0,0,0,0")                                          \
    X(branch_with_67, OPCODE, ".byte 0x67,0xe9,0,0,0,0")                                           \
    X(branch_with_gs, OPCODE, ".byte 0x65,0xe9,0,0,0,0")                                           \
    X(branch_with_lock, OPCODE, ".byte 0xf0,0xe9,0,0,0,0")                                         \
    X(both_repeats, OPCODE, ".byte 0xf2,0xf3,0x90")                                                \
    X(both_repeats_of_vectors, OPCODE, ".byte 0xf3,0xf2,0x0f,0x58,0xc1")                           \
    X(fence_of_another_register, OPCODE, ".byte 0x0f,0xae,0xe9")                                   \
    X(fence_below_the_fences, OPCODE, ".byte 0x0f,0xae,0xe0")                                      \
    X(fence_with_rex, OPCODE, ".byte 0x40,0x0f,0xae,0xe8")                                         \
    X(prefetch_of_the_third_kind, OPCODE, ".byte 0x65,0x67,0x0f,0x0d,0x10")                        \
    X(long_immediate_with_66, OPCODE, ".byte 0x66,0x48,0x81,0xc0,0,0,0,0")                         \
    X(bit_of_memory, OPCODE, "bts %rax,%gs:(%edi)")                                                \
    X(string_alone, BASE, "rep movsb")                                                             \
    X(string_with_gs, OPCODE, ".byte 0x65,0x67,0xf3,0xa4")                                         \
    X(string_half, BASE, EDI "rep movsb")                                                          \
    X(string_other_half, BASE, ESI "stosb")                                                        \
    X(string_without_base, BASE, "mov %edi,%edi; stosb")                                           \
    X(string_with_one_base, BASE, "mov %edi,%edi;" ESI "movsb")                                    \
    X(string_by_short_address, OPCODE, EDI ".byte 0x67,0xaa")                                      \
    X(translate, OPCODE, "xlat")                                                                   \
    X(store_by_rdi, OPCODE, "maskmovdqu %xmm0,%xmm1")                                              \
    X(store_by_rdi_mmx, OPCODE, "maskmovq %mm0,%mm1")                                              \
    X(store_by_rdi_vex, OPCODE, "vmaskmovdqu %xmm0,%xmm1")                                         \
    X(gather, OPCODE, "vpgatherdd %ymm1,%gs:(%eax,%ymm2,4),%ymm0")                                 \
    X(evex, OPCODE, "vmovdqu64 %zmm0,64(%rsp)")                                                    \
    X(xop, OPCODE, ".byte 0x8f,0xe9,0x78,0x81,0xc1")                                               \
    X(system_call, OPCODE, "syscall")                                                              \
    X(sysenter, OPCODE, "sysenter")                                                                \
    X(interrupt, OPCODE, "int $0x80")                                                              \
    X(interrupt_1, OPCODE, ".byte 0xf1")                                                           \
    X(iret, OPCODE, "iretq")                                                                       \
    X(cli, OPCODE, "cli")                                                                          \
    X(sti, OPCODE, "sti")                                                                          \
    X(halt, OPCODE, "hlt")                                                                         \
    X(downwards, OPCODE, "std")                                                                    \
    X(popf, OPCODE, "popf")                                                                        \
    X(pushf, OPCODE, "pushf")                                                                      \
    X(out, OPCODE, "outb %al,$0x64")                                                               \
    X(in, OPCODE, "inb %dx,%al")                                                                   \
    X(ins, OPCODE, "insb")                                                                         \
    X(outs, OPCODE, "rep outsb")                                                                   \
    X(rdmsr, OPCODE, "rdmsr")                                                                      \
    X(wrmsr, OPCODE, "wrmsr")                                                                      \
    X(rdtsc, OPCODE, "rdtsc")                                                                      \
    X(rdtscp, OPCODE, "rdtscp")                                                                    \
    X(rdpmc, OPCODE, "rdpmc")                                                                      \
    X(cpuid, OPCODE, "cpuid")                                                                      \
    X(wrgsbase, OPCODE, "wrgsbase %rax")                                                           \
    X(rdgsbase, OPCODE, "rdgsbase %rax")                                                           \
    X(wrfsbase, OPCODE, "wrfsbase %rax")                                                           \
    X(swapgs, OPCODE, "swapgs")                                                                    \
    X(mov_ds, OPCODE, "mov %eax,%ds")                                                              \
    X(pop_gs, OPCODE, "pop %gs")                                                                   \
    X(lgs, OPCODE, "lgs %gs:(%eax),%ebx")                                                          \
    X(mov_cr0, OPCODE, "mov %rax,%cr0")                                                            \
    X(read_cr2, OPCODE, "mov %cr2,%rax")                                                           \
    X(mov_dr, OPCODE, "mov %rax,%db7")                                                             \
    X(lgdt, OPCODE, "lgdt %gs:(%eax)")                                                             \
    X(lidt, OPCODE, "lidt %gs:(%eax)")                                                             \
    X(sgdt, OPCODE, "sgdt %gs:(%eax)")                                                             \
    X(lldt, OPCODE, "lldt %ax")                                                                    \
    X(ltr, OPCODE, "ltr %ax")                                                                      \
    X(lmsw, OPCODE, "lmsw %ax")                                                                    \
    X(smsw, OPCODE, "smsw %eax")                                                                   \
    X(invlpg, OPCODE, "invlpg %gs:(%eax)")                                                         \
    X(clts, OPCODE, "clts")                                                                        \
    X(invd, OPCODE, "invd")                                                                        \
    X(wbinvd, OPCODE, "wbinvd")                                                                    \
    X(clflush, OPCODE, "clflush %gs:(%eax)")                                                       \
    X(vmcall, OPCODE, "vmcall")                                                                    \
    X(vmxon, OPCODE, "vmxon %gs:(%eax)")                                                           \
    X(wrpkru, OPCODE, "wrpkru")                                                                    \
    X(xgetbv, OPCODE, "xgetbv")                                                                    \
    X(xsetbv, OPCODE, "xsetbv")                                                                    \
    X(xsave, OPCODE, "xsave %gs:(%eax)")                                                           \
    X(xrstor, OPCODE, "xrstor %gs:(%eax)")                                                         \
    X(fxsave, OPCODE, "fxsave %gs:(%eax)")                                                         \
    X(fxrstor, OPCODE, "fxrstor %gs:(%eax)")                                                       \
    X(fldenv, OPCODE, "fldenv %gs:(%eax)")                                                         \
    X(frstor, OPCODE, "frstor %gs:(%eax)")                                                         \
    X(monitor, OPCODE, "monitor")                                                                  \
    X(mwait, OPCODE, "mwait")                                                                      \
    X(transaction, OPCODE, "xbegin .")                                                             \
    X(movdir64b, OPCODE, "movdir64b %gs:(%eax),%ecx")                                              \
    X(lar, OPCODE, "lar %eax,%ebx")                                                                \
    X(verr, OPCODE, "verr %ax")                                                                    \
    X(loop, OPCODE, "1: loop 1b")                                                                  \
    X(prefetch_raw, OPERAND, "prefetcht0 (%rax)")                                                  \
    X(mxcsr_raw, OPERAND, "ldmxcsr (%rax)")                                                        \
    X(user_interrupt, OPCODE, ".byte 0xf3,0x0f,0xc7,0xf0")

#define ASSEMBLE(name, text)                                                                       \
    __asm__(".pushsection .text; .p2align 5; case_" #name ": 0:" text                              \
            "; .p2align 5, 0xcc; end_" #name ": .popsection");                                     \
    extern const uint8_t case_##name[], end_##name[];
#define ASSEMBLE_REFUSED(name, rule, text) ASSEMBLE(name, text)
ACCEPTED(ASSEMBLE)
REFUSED(ASSEMBLE_REFUSED)

struct code_case {
    const char *name;
    const uint8_t *from, *to;
    enum verify_rule rule;
};

#define ENTRY(name, text)                 {#name, case_##name, end_##name, VERIFY_FINE},
#define ENTRY_REFUSED(name, broken, text) {#name, case_##name, end_##name, VERIFY_RULE_##broken},

static const struct code_case cases[] = {ACCEPTED(ENTRY) REFUSED(ENTRY_REFUSED)};

static struct verify_result check_at(const uint8_t *code, uint32_t size, uint32_t offset,
                                     const struct verify_options *options)
{
    struct verify_result result;
    uint8_t *copy = malloc(size);
    uint8_t *scratch = calloc(1, verify_scratch_bytes(size) + 1);
    assert_non_null(copy);
    assert_non_null(scratch);
    memcpy(copy, code, size); /* so that a byte too many is found */
    bool fine = verify_code(copy, size, offset, options, scratch, &result);
    assert_int_equal(fine, result.rule == VERIFY_FINE);
    free(scratch);
    free(copy);
    return result;
}

static struct verify_result check(const uint8_t *code, uint32_t size)
{
    static const struct verify_options options;
    return check_at(code, size, 0x400000, &options);
}

static void each_rule_by_code_that_breaks_it(void **state)
{
    (void)state;
    uint32_t wrong = 0;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const struct code_case *c = &cases[i];
        struct verify_result result = check(c->from, (uint32_t)(c->to - c->from));
        if (result.rule != c->rule) {
            print_error("%s: %s at 0x%x, not %s\n", c->name, verify_rule_name(result.rule),
                        result.at, verify_rule_name(c->rule));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void the_place_is_that_of_the_instruction(void **state)
{
    (void)state;
    struct verify_result result =
        check(case_frame_probe_in_next_bundle,
              (uint32_t)(end_frame_probe_in_next_bundle - case_frame_probe_in_next_bundle));
    assert_int_equal(result.at, 0x400000 + 28);
    /* of a branch, not of where it goes */
    result = check(case_into_string, (uint32_t)(end_into_string - case_into_string));
    assert_int_equal(result.at, 0x400000);
}

static void offset_and_size_are_whole_bundles(void **state)
{
    (void)state;
    static const struct verify_options options;
    static const uint8_t nops[64] = {[0 ... 63] = 0x90};
    assert_int_equal(check_at(nops, 64, 0x400000, &options).rule, VERIFY_FINE);
    assert_int_equal(check_at(nops, 64, 0x400010, &options).rule, VERIFY_RULE_BUNDLE);
    assert_int_equal(check_at(nops, 48, 0x400000, &options).rule, VERIFY_RULE_BUNDLE);
}

static void what_the_file_does_not_fill_is_harmless(void **state)
{
    (void)state;
    static const struct verify_options options;
    uint8_t page[64];
    memset(page, VERIFY_FILL, sizeof page);
    assert_int_equal(check_at(page, 64, 0x400000, &options).rule, VERIFY_FINE);
    memset(page, 0, sizeof page); /* add %al,(%rax) */
    assert_int_equal(check_at(page, 64, 0x400000, &options).rule, VERIFY_RULE_OPERAND);
}

/* A file of one page that asks for a whole slot's code would else keep everybody waiting. */
static void much_that_the_file_does_not_fill_is_looked_at_as_a_whole(void **state)
{
    (void)state;
    static const struct verify_options options;
    enum { BUNDLE = VERIFY_BUNDLE, ALL = 4 * VERIFY_BUNDLE };
    uint8_t code[ALL];
    for (uint32_t to = 2; to < ALL + 2; to++) {
        struct verification whole, parts;
        uint8_t scratch[2][2 * ALL / 8] = {{0}, {0}};
        memset(code, VERIFY_FILL, sizeof code);
        memset(code + BUNDLE, 0x90, BUNDLE); /* between what is filled */
        code[0] = 0xeb;                      /* jmp */
        code[1] = (uint8_t)(to - 2);
        code[BUNDLE] = 0xb8; /* mov $..,%eax: not to be entered within */
        verify_begin(&whole, 0x400000, ALL, &options, scratch[0]);
        verify_part(&whole, code, ALL);
        bool fine = verify_end(&whole);
        verify_begin(&parts, 0x400000, ALL, &options, scratch[1]);
        verify_part(&parts, code, 2 * BUNDLE);
        assert_int_equal(verify_fill(&parts, 2 * BUNDLE), to < ALL);
        assert_int_equal(verify_end(&parts), fine);
        assert_int_equal(fine, to < ALL && (to <= BUNDLE || to > BUNDLE + 4));
        assert_int_equal(parts.result.rule, whole.result.rule);
        if (!fine) {
            assert_int_equal(parts.result.at, whole.result.at);
        }
        assert_int_equal(parts.result.instructions, whole.result.instructions);
        assert_memory_equal(scratch[1], scratch[0], sizeof scratch[0]);
    }
}

/* What nobody has looked at is not fine. */
static void all_of_it_is_looked_at(void **state)
{
    (void)state;
    static const struct verify_options options;
    enum { ALL = 2 * VERIFY_BUNDLE };
    static const uint8_t nops[ALL] = {[0 ... ALL - 1] = 0x90};
    uint8_t scratch[2 * ALL / 8] = {0};
    struct verification half;
    verify_begin(&half, 0x400000, ALL, &options, scratch);
    assert_true(verify_part(&half, nops, VERIFY_BUNDLE));
    assert_false(verify_end(&half));
    assert_int_equal(half.result.rule, VERIFY_RULE_BUNDLE);
    assert_int_equal(half.result.at, 0x400000 + VERIFY_BUNDLE);
}

static void the_system_may_allow_the_time_stamp(void **state)
{
    (void)state;
    static const struct verify_options options = {.rdtsc = true};
    assert_int_equal(check_at(case_rdtsc, 32, 0x400000, &options).rule, VERIFY_FINE);
    assert_int_equal(check_at(case_rdtscp, 32, 0x400000, &options).rule, VERIFY_RULE_OPCODE);
}

/* The same code elsewhere means another word. */
static void the_base_word_is_looked_for_where_it_is(void **state)
{
    (void)state;
    static const struct verify_options options;
    assert_int_equal(check_at(case_computed_call, 32, 0x400000, &options).rule, VERIFY_FINE);
    assert_int_equal(check_at(case_computed_call, 32, 0x400020, &options).rule, VERIFY_RULE_BASE);
}

/* Two GiB above it the same four bytes lead to the base word of the next slot. */
static void the_next_slots_base_word_is_no_base_word(void **state)
{
    (void)state;
    static const struct verify_options options;
    static const uint32_t offsets[] = {0x400000, 0x80020000 - 32, 0x80020000, 0x90000000,
                                       0xdffff000};
    for (size_t i = 0; i < ARRAY_COUNT(offsets); i++) {
        uint8_t code[32];
        uint32_t disp = (uint32_t)CTX_SLOT_BASE_WORD - (offsets[i] + 10);
        memset(code, 0x90, sizeof code);
        memcpy(code, "\x83\xe0\xe0\x48\x03\x05....\xff\xe0", 12);
        memcpy(code + 6, &disp, sizeof disp);
        assert_int_equal(check_at(code, 32, offsets[i], &options).rule,
                         offsets[i] < 0x80020000 ? VERIFY_FINE : VERIFY_RULE_OPERAND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_by_code_that_breaks_it),
        cmocka_unit_test(the_place_is_that_of_the_instruction),
        cmocka_unit_test(offset_and_size_are_whole_bundles),
        cmocka_unit_test(what_the_file_does_not_fill_is_harmless),
        cmocka_unit_test(much_that_the_file_does_not_fill_is_looked_at_as_a_whole),
        cmocka_unit_test(all_of_it_is_looked_at),
        cmocka_unit_test(the_system_may_allow_the_time_stamp),
        cmocka_unit_test(the_base_word_is_looked_for_where_it_is),
        cmocka_unit_test(the_next_slots_base_word_is_no_base_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
