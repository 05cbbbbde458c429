/* Stub for what the kernel build computes with the target's compiler: plausible values. */
#ifndef KLPLINT_GENERATED_BOUNDS_H
#define KLPLINT_GENERATED_BOUNDS_H
#define NR_PAGEFLAGS 26
#define MAX_NR_ZONES 5
#define NR_CPUS_BITS 6
#define SPINLOCK_SIZE 4
#define LRU_GEN_WIDTH 0
#define __LRU_REFS_WIDTH 0
#endif
