# The differential suite: the same bodies through the parsers that applications
# use.  They are all installed; one that cannot run is an error.

.PHONY: differential diff-deps

BODIES ?= 5000

DIFF_DEPS = php-cli golang-go nodejs default-jdk-headless ruby ruby-rack \
            libjackson2-databind-java libtomcat9-java \
            libcommons-fileupload-java libcgi-pm-perl libhttp-body-perl \
            libmojolicious-perl python3-django python3-werkzeug \
            python3-tornado python3-bottle python3-webob python3-starlette \
            python3-multipart python3-aiohttp

DIFF_JARS = /usr/share/java/jackson-databind.jar:/usr/share/java/jackson-core.jar:/usr/share/java/commons-fileupload.jar:/usr/share/java/tomcat9-coyote.jar

$(B)/tell: t/diff/tell.c $(OBJS)
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(INC) -o $@ $< $(OBJS) $(LIBS)

$(B)/diff/node_modules: t/diff/package.json
	@mkdir -p $(@D)
	@command -v npm >/dev/null || t/install.sh npm
	cp t/diff/package.json $(B)/diff/
	npm install --prefix $(B)/diff --no-package-lock --no-audit --no-fund --silent
	@touch $@

$(B)/diff/go-parser: t/diff/parser.go
	@mkdir -p $(@D)
	GOFLAGS=-mod=mod go build -o $@ $<

$(B)/diff/Parser.class: t/diff/Parser.java
	@mkdir -p $(@D)
	javac -nowarn -cp $(DIFF_JARS) -d $(@D) $<

diff-deps:
	@t/install.sh $(filter-out $(if $(shell command -v node),nodejs) \
	    $(if $(shell command -v javac),default-jdk-headless),$(DIFF_DEPS))

differential: diff-deps                       ## BODIES=5000 through other parsers (SEED=...)
	@$(MAKE) --no-print-directory -s $(B)/tell $(B)/diff/node_modules \
	    $(B)/diff/go-parser $(B)/diff/Parser.class
	@NODE_PATH=$(abspath $(B)/diff/node_modules) \
	    /usr/bin/python3 t/diff/differential.py $(B)/tell $(BODIES) $(SEED)
