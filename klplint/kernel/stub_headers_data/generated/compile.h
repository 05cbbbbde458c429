/* Stub for the banner of a build. */
#define UTS_MACHINE "unknown"
#define UTS_VERSION "#1 SMP"
#define LINUX_COMPILE_BY "nobody"
#define LINUX_COMPILE_HOST "nowhere"
#define LINUX_COMPILER "clang"
