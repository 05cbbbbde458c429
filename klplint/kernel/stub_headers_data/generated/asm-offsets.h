/* Stub: offsets for assembly; no C code needs them to be read. */
