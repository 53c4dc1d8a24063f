# How much of the core its tests reach, and the core tests under valgrind.

.PHONY: coverage valgrind

VOBJS  = $(patsubst $(S)/%.c,$(B)/obj/%.o,$(CORE))
VTESTS = $(patsubst t/core/%.c,$(B)/v/%,$(wildcard t/core/*.c))

$(B)/v/%: t/core/%.c $(VOBJS) $(wildcard t/core/*.h)
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(INC) -o $@ $< $(VOBJS) $(LIBS)

coverage:                                     ## lines and branches of core/ that the tests reach (ARGS=FILE: what not)
	@/usr/bin/python3 t/coverage/coverage.py $(B)/cov $(ARGS)

valgrind: $(VTESTS)                           ## the core tests without sanitizers, under valgrind
	@t/install.sh valgrind
	@for t in $(VTESTS); do \
	    valgrind -q --suppressions=t/coverage/valgrind.supp --error-exitcode=9 --leak-check=full \
	        --show-leak-kinds=definite,possible --errors-for-leak-kinds=definite \
	        $$t > $$t.tap 2> $$t.log && ! grep -q '^not ok' $$t.tap \
	        && echo "ok - $$t: $$(tail -n 1 $$t.tap)" \
	        || { echo "not ok - $$t"; grep '^not ok' $$t.tap; head -n 20 $$t.log; }; \
	done
