"""Permissions of files that hold for root as well."""

from __future__ import annotations

import ctypes
import os

_DROP_FROM_BOUNDING_SET = 24  # PR_CAPBSET_DROP of <linux/prctl.h>
_OVERRIDING = (1, 2)  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of <linux/capability.h>


def obey_permissions() -> None:
    """Let the program that this process goes on to run obey permissions: for preexec_fn.

    root reads everything by two capabilities; a program that is run without them is held to the
    permissions of its own files. Another user would be simpler, but may not even read the
    interpreter, which can lie in root's home directory.
    """
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in _OVERRIDING:
        if libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "root cannot give up a capability here")
