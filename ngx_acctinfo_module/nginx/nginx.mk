# The module: $(B)/ngx_http_acctinfo_module.so
#
# It is made in a copy of nginx's source, $(B)/nginx: the folder that Debian's
# nginx-dev installs is configured nowhere else.  NGINX_SRC may name another
# tree, NGINX_CONF what that is to be configured with.

NGINX_SRC  ?= /usr/share/nginx/src
NGINX_CONF ?= --with-compat --with-debug --with-threads

# as Debian compiles its modules; nginx's own default is -O
NGINX_CC_OPT ?= -g -O2 -fstack-protector-strong -Wformat \
                -Werror=format-security -D_FORTIFY_SOURCE=2
NGINX_LD_OPT ?= -Wl,-z,relro -Wl,-z,now

NGX_B       = $(B)/nginx
NGX_SOURCES = $(wildcard $(S)/core/*.[ch] $(S)/nginx/*.[ch])

# what configure makes of this checkout depends on these, by name
NGX_STAMP   = $(NGINX_SRC) $(NGINX_CONF) $(NGINX_CC_OPT) $(NGINX_LD_OPT) \
              $(HS_INC) $(HS_LIB) $(CURDIR) $(sort $(NGX_SOURCES))

export HS_INC HS_LIB

$(B)/ngx_http_acctinfo_module.so: $(NGX_B)/objs/Makefile $(NGX_SOURCES)
	@$(MAKE) -s -C $(NGX_B) -f objs/Makefile modules
	@cp $(NGX_B)/objs/ngx_http_acctinfo_module.so $@.tmp
	@mv $@.tmp $@

$(NGX_B)/objs/Makefile: config $(NGX_B).stamp
	@rm -rf $(NGX_B)
	@mkdir -p $(NGX_B)
	@cp -r $(NGINX_SRC)/. $(NGX_B)
	@rm -rf $(NGX_B)/objs $(NGX_B)/Makefile
	@NGX_CHECKOUT="$(CURDIR)" NGINX_CONF="$(NGINX_CONF)" bash -ec '    \
	    cd $(NGX_B);                                                   \
	    NGX_CONF_FLAGS=($$NGINX_CONF);                                 \
	    if [ -f conf_flags ]; then . ./conf_flags; fi;                 \
	    ./configure "$${NGX_CONF_FLAGS[@]}"                            \
	        --with-cc-opt="$(NGINX_CC_OPT)"                            \
	        --with-ld-opt="$(NGINX_LD_OPT)"                            \
	        --add-dynamic-module="$$NGX_CHECKOUT" >configure.log 2>&1  \
	    || { cat configure.log >&2; exit 1; }'

$(NGX_B).stamp: FORCE
	@mkdir -p $(B)
	@echo '$(NGX_STAMP)' | cmp -s - $@ || echo '$(NGX_STAMP)' > $@

.PHONY: FORCE
FORCE:
