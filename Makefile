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
LIBS    = $(HS_LIB) -lhs -ljansson -lcrypto -lz

OBJS    = $(patsubst $(S)/%.c,$(B)/obj/%.o,$(CORE))
SOBJS   = $(patsubst $(S)/%.c,$(B)/san/%.o,$(CORE))
COBJS   = $(patsubst $(S)/%.c,$(B)/obj/%.o,$(CLI))
SCOBJS  = $(patsubst $(S)/%.c,$(B)/san/%.o,$(CLI))
TESTS   = $(patsubst t/core/%.c,$(B)/t/%,$(wildcard t/core/*.c))

# what a build needs, and what the tests need besides
DEPS      = gcc libc6-dev nginx nginx-dev dpkg-dev libhyperscan-dev \
            libjansson-dev libssl-dev zlib1g-dev
DEMO_DEPS = python3-minimal python3
TEST_DEPS = perl $(DEMO_DEPS) curl unicode-data clang libclang-rt-dev \
            prometheus libnginx-mod-http-lua libnginx-mod-http-js

.PHONY: all build deps run demo test core-test cli-test nginx-test fuzz folds \
    matrix nginx-asan nginx-valgrind endure browser bench disguises bench-text \
    bench-body clean help

all: $(B)/acctinfo $(B)/ngx_http_acctinfo_module.so  ## build the command and the module

include $(S)/nginx/nginx.mk
include $(S)/unicode/unicode.mk
-include t/diff/diff.mk
-include t/coverage/coverage.mk

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

# one build at a time in a checkout: run and test may be typed at once

build:
	@mkdir -p $(B)
	@flock $(B)/lock $(MAKE) --no-print-directory -s $(BUILD)

run: export BUILD = all
run: deps                                     ## install, build, and serve a demonstration (PORT=8080)
	@t/install.sh $(DEMO_DEPS)
	@$(MAKE) --no-print-directory -s build
	@exec /usr/bin/python3 t/demo/demo.py run $(if $(PORT),--port $(PORT))

demo: export BUILD = all
demo: deps                                    ## the same without waiting: one request of each kind, checked
	@t/install.sh $(DEMO_DEPS)
	@$(MAKE) --no-print-directory -s build
	@/usr/bin/python3 t/demo/demo.py demo

test: export BUILD = all $(B)/san/acctinfo $(TESTS) $(FUZZERS)
test:                                         ## install what the tests need and run them all
	@t/install.sh $(DEPS) $(TEST_DEPS)
	@t/install.sh --test-nginx
	@$(MAKE) --no-print-directory -s build
	prove --directives --exec '' $(TESTS) t/cli/*.t t/fuzz/run
	t/nginx.sh --directives

core-test: $(TESTS)                           ## the core's own tests, sanitized
	prove --directives --exec '' $(TESTS)

cli-test: $(B)/acctinfo $(B)/san/acctinfo     ## the command, as its users run it
	prove --directives --exec '' t/cli/*.t

nginx-test: all                               ## the module's suites
	t/nginx.sh --directives

# the fuzzers, each from the sources it needs

FUZZERS = $(patsubst t/fuzz/%.c,$(B)/fuzz/%,$(wildcard t/fuzz/*.c))
FOBJS   = $(patsubst $(S)/%.c,$(B)/fuzz/obj/%.o,$(CORE))
FUZZ    = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
          -fsanitize=address,undefined
SECONDS ?= 60

$(B)/fuzz/obj/%.o: $(S)/%.c $(HEADERS)
	@mkdir -p $(@D)
	clang $(WARN) $(FUZZ) -fsanitize=fuzzer-no-link $(INC) -c -o $@ $<

$(B)/fuzz/%: t/fuzz/%.c $(FOBJS) $(wildcard t/core/*.h)
	clang $(WARN) $(FUZZ) -fsanitize=fuzzer $(INC) -It/core -o $@ $< $(FOBJS) \
	    $(LIBS)

fuzz: all $(FUZZERS)                          ## fuzz each room for SECONDS=60
	t/fuzz/run $(SECONDS)

folds: $(B)/acctinfo                          ## which words of a dictionary each view joins
	@t/install.sh wamerican python3-jieba edict wukrainian hunspell-ru hunspell-ar
	@/usr/bin/python3 t/folds.py $(ARGS)

disguises: $(B)/acctinfo                       ## what is left of refusals that a machine disguises
	@t/install.sh unicode-data
	@t/disguises.py $(ARGS)

bench-text: $(B)/bench-text                   ## what each view costs, against a validation
	$(B)/bench-text $(ARGS)

bench-body: $(B)/bench-body                   ## what each reader costs, against memchr
	$(B)/bench-body $(ARGS)

$(B)/bench-%: bench/%.c $(OBJS)
	$(CC) $(WARN) $(CFLAGS) $(INC) -o $@ $< $(OBJS) $(LIBS)

bench: all                                    ## what a request costs, with and without the module
	@t/install.sh $(DEMO_DEPS)
	@/usr/bin/python3 bench/nginx.py $(ARGS)

matrix:                                       ## the module's suites on other nginx versions, with Vectorscan
	t/matrix.sh $(CASES)

nginx-asan: $(B)/acctinfo                     ## the module's suites under an address sanitizer
	t/checked.sh asan $(SUITES)

nginx-valgrind: $(B)/acctinfo                 ## and under valgrind (slow; SUITES=t/x.t for some)
	t/checked.sh valgrind $(SUITES)

endure: all                                   ## reloads, killed workers, spoilt rules, a full disk, 10000 waiting
	@t/install.sh $(DEMO_DEPS) procps
	@/usr/bin/python3 t/endure.py $(TRIALS)

BROWSER_DEPS = $(DEMO_DEPS) openssl python3-django chromium chromium-driver \
               fonts-wqy-zenhei

browser: all                                  ## forms of a Django application in headless Chromium
	@t/install.sh $(BROWSER_DEPS)
	@/usr/bin/python3 t/browser.py $(B)/pictures

clean:                                        ## remove what was built
	rm -rf $(B)

help:                                         ## print this
	@sed -n 's/^\([a-z-]*\):[^#]*## */  make \1\t/p' $(MAKEFILE_LIST) \
	    | expand -t 24
