"""From a file to facts. Only here is clang.cindex used, and no clang object leaves."""
