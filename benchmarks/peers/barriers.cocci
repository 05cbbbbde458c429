// Uses of smp_rmb(), with the text of the comments around them.
@found@
comments text;
position where;
@@
 smp_rmb@text@where();

@script:python@
where << found.where;
text << found.text;
@@
before = " ".join(part for comment in text for part in comment.before)
print("%s:%s %d" % (where[0].file, where[0].line, len(before)))
