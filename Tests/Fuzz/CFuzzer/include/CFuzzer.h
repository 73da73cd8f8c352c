// libFuzzer's entry for programs that have a main of their own (https://llvm.org/docs/LibFuzzer.html); the library
// itself comes with the toolchain and is linked by Tests/Fuzz/run.
#ifndef GATEHOUSE_CFUZZER_H
#define GATEHOUSE_CFUZZER_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

#endif
