/* Stub: numbers of ARM machines; none is selected. */
#define machine_is(type) 0
