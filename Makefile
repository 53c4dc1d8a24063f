# All that a contributor types; `make help` prints itself.

SHELL   = /bin/sh
CC     ?= cc
B       = build

S       = ngx_acctinfo_module
CORE    = $(wildcard $(S)/core/*.c)
CLI     = $(wildcard $(S)/cli/*.c)
HEADERS = $(wildcard $(S)/core/*.h $(S)/cli/*.h)

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
SCOBJS  = $(patsubst $(S)/%.c,$(B)/san/%.o,$(CLI))
TESTS   = $(patsubst t/core/%.c,$(B)/t/%,$(wildcard t/core/*.c))

# what a build needs, and what the tests need besides
DEPS      = gcc libc6-dev nginx nginx-dev dpkg-dev libhyperscan-dev \
            libjansson-dev libssl-dev
TEST_DEPS = perl python3 curl unicode-data

.PHONY: all deps test core-test cli-test rules-test nginx-test clean help

all: $(B)/acctinfo $(B)/ngx_http_acctinfo_module.so  ## build the command and the module

include $(S)/nginx/nginx.mk
include $(S)/unicode/unicode.mk

deps:                                         ## install what a build needs (root or sudo)
	@t/install.sh $(DEPS)

$(B)/acctinfo: $(OBJS) $(COBJS)
	$(CC) $(CFLAGS) -o $@ $(OBJS) $(COBJS) $(LIBS)

$(B)/san/acctinfo: $(SOBJS) $(SCOBJS)
	$(CC) $(SAN) -o $@ $(SOBJS) $(SCOBJS) $(LIBS)

$(B)/obj/%.o: $(S)/%.c $(HEADERS)
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(INC) -c -o $@ $<

$(B)/san/%.o: $(S)/%.c $(HEADERS)
	@mkdir -p $(@D)
	$(CC) $(WARN) $(SAN) $(INC) -c -o $@ $<

$(B)/t/%: t/core/%.c $(SOBJS) $(wildcard t/core/*.h)
	@mkdir -p $(@D)
	$(CC) $(WARN) $(SAN) $(INC) -o $@ $< $(SOBJS) $(LIBS)

test:                                         ## install what the tests need and run them all
	@t/install.sh $(DEPS) $(TEST_DEPS)
	@t/install.sh --test-nginx
	@$(MAKE) --no-print-directory -s all $(B)/san/acctinfo $(TESTS)
	prove --directives --exec '' $(TESTS) t/cli/*.t
	t/nginx.sh --directives

core-test: $(TESTS)                           ## the core's own tests, sanitized
	prove --directives --exec '' $(TESTS)

cli-test: $(B)/acctinfo $(B)/san/acctinfo     ## the command, as its users run it
	prove --directives --exec '' t/cli/*.t

nginx-test: all                               ## the module's suites
	t/nginx.sh --directives

clean:                                        ## remove what was built
	rm -rf $(B)

help:                                         ## print this
	@sed -n 's/^\([a-z-]*\):[^#]*## */  make \1\t/p' $(MAKEFILE_LIST) \
	    | expand -t 24
