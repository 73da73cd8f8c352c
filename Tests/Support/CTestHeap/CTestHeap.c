#include "CTestHeap.h"

#include <malloc.h>

size_t gh_test_heap_in_use(void) {
    struct mallinfo2 figures = mallinfo2();
    return figures.uordblks + figures.hblkhd;
}
