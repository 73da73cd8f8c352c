// The C heap's own figures, which Swift's Glibc module leaves out.
#ifndef GATEHOUSE_CTESTHEAP_H
#define GATEHOUSE_CTESTHEAP_H

#include <stddef.h>

/// Bytes that the process has allocated and not freed, of all arenas (mallinfo(3)).
size_t gh_test_heap_in_use(void);

#endif
