# The differential suite: the same bodies through the parsers that applications
# use.  Parsers that are not installed are left out, and said so.

.PHONY: differential

BODIES ?= 5000

$(B)/tell: t/diff/tell.c $(OBJS)
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(INC) -o $@ $< $(OBJS) $(LIBS)

differential: $(B)/tell                       ## BODIES=5000 through other parsers (SEED=...)
	@/usr/bin/python3 t/diff/differential.py $(B)/tell $(BODIES) $(SEED)
