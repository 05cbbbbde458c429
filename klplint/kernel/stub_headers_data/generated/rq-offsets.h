/* Stub: offsets of struct rq; no C code needs them to be read. */
#define RQ_nr_pinned 0
