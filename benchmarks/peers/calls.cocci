// Calls of a switching function with another argument than current.
@found@
expression task != current;
position where;
@@
(
 klp_update_patch_state@where(task)
|
 klp_patch_task@where(task)
)

@script:python@
where << found.where;
@@
print("%s:%s" % (where[0].file, where[0].line))
