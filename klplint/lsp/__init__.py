"""The language server: findings and pairs in an editor.

Two processes: the server speaks the protocol, and a process beside it lints (`lint_process`).
"""
