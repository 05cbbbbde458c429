/* Stub for the compiler's own header, which libclang's wheel does not bring. */
#ifndef KLPLINT_STDDEF_H
#define KLPLINT_STDDEF_H
typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
#endif
