# All that a contributor types; `make help` prints itself.

SHELL   = /bin/sh
CC     ?= cc
B       = build

S       = ngx_acctinfo_module
CORE    = $(wildcard $(S)/core/*.c)
CLI     = $(wildcard $(S)/cli/*.c)
GLUE    = $(wildcard $(S)/nginx/*.c)
HEADERS = $(wildcard $(S)/*/*.h)
T_CORE  = $(wildcard t/core/*.c)

WARN    = -std=c11 -Wall -Wextra -Werror -D_GNU_SOURCE
CFLAGS ?= -O2 -g
SAN     = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
          -fno-sanitize-recover=all
HS_INC  ?=
HS_LIB  ?=
INC     = -I$(S)/core $(HS_INC)
LIBS    = $(HS_LIB) -lhs -ljansson -lcrypto

OBJS    = $(patsubst $(S)/%.c,$(B)/obj/%.o,$(CORE))
SOBJS   = $(patsubst $(S)/%.c,$(B)/san/%.o,$(CORE))
COBJS   = $(patsubst $(S)/%.c,$(B)/obj/%.o,$(CLI))
TESTS   = $(patsubst t/core/%.c,$(B)/t/%,$(T_CORE))

.PHONY: all core-test clean help

all: $(B)/acctinfo                            ## build the command and the module

$(B)/acctinfo: $(OBJS) $(COBJS)
	$(CC) $(CFLAGS) -o $@ $(OBJS) $(COBJS) $(LIBS)

$(B)/obj/%.o: $(S)/%.c $(HEADERS) | deps
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(INC) -c -o $@ $<

$(B)/san/%.o: $(S)/%.c $(HEADERS)
	@mkdir -p $(@D)
	$(CC) $(WARN) $(SAN) $(INC) -c -o $@ $<

$(B)/t/%: t/core/%.c $(SOBJS) $(wildcard t/core/*.h)
	@mkdir -p $(@D)
	$(CC) $(WARN) $(SAN) $(INC) -o $@ $< $(SOBJS) $(LIBS)

.PHONY: deps
deps:

core-test: $(TESTS)                           ## the core's own tests, sanitized
	prove --exec '' $(TESTS)

clean:                                        ## remove what was built
	rm -rf $(B)

help:                                         ## print this
	@sed -n 's/^\([a-z-]*\):.*## */  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24
