"""A file with two barriers, and a comment that suppresses the finding on one."""

from __future__ import annotations

BARRIERS = """\
int f(int *a, int *b)
{
	int c = *a;

	%s
	smp_rmb();
	c += *b;
	smp_rmb();
	return c;
}
"""


SUPPRESS = "/* klplint: ignore[KLP003] the device orders its own writes */"
