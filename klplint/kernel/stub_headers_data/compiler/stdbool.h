/* Stub for the compiler's own header, which libclang's wheel does not bring. */
#ifndef KLPLINT_STDBOOL_H
#define KLPLINT_STDBOOL_H
#define bool _Bool
#define true 1
#define false 0
#endif
