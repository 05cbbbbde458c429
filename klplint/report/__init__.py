"""Reports: the outcome of a run written in one of several formats, one module a format.

A report is a function of the result alone: no time, no absolute path and no order of a hash
table influences it, so the same tree gives the same bytes.
"""
