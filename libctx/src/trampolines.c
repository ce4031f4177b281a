/* SPDX-License-Identifier: MIT */
#include <ctx/slot.h>

/* mov $n, %r11d ; jmp *CTX_SLOT_ENTRY_WORD(%rip) ; int3 ... */
void ctx_slot_write_gates(void *pages)
{
    uint8_t *code = (uint8_t *)pages;
    for (uint32_t i = 0; i < CTX_SLOT_GATES_END - CTX_SLOT_GATES; i++) {
        code[i] = 0xcc;
    }
    for (uint32_t n = 0; n < CTX_GATE_COUNT; n++) {
        uint8_t *at = code + n * CTX_GATE_SIZE;
        uint32_t distance = CTX_SLOT_ENTRY_WORD - (CTX_SLOT_GATES + n * CTX_GATE_SIZE + 12);
        at[0] = 0x41;
        at[1] = 0xbb;
        at[6] = 0xff;
        at[7] = 0x25;
        for (uint32_t byte = 0; byte < 4; byte++) {
            at[2 + byte] = (uint8_t)(n >> (8 * byte));
            at[8 + byte] = (uint8_t)(distance >> (8 * byte));
        }
    }
}

/* mov $address, %r11 ; jmp *%r11 */
void ctx_slot_write_return(void *pages, uint64_t address)
{
    uint8_t *at = (uint8_t *)pages + CTX_GATE_RETURN * CTX_GATE_SIZE;
    at[0] = 0x49;
    at[1] = 0xbb;
    for (uint32_t byte = 0; byte < 8; byte++) {
        at[2 + byte] = (uint8_t)(address >> (8 * byte));
    }
    at[10] = 0x41;
    at[11] = 0xff;
    at[12] = 0xe3;
}
