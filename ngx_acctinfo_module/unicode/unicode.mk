# The Unicode tables: made from the package unicode-data 15.0.0 and from the
# tables beside this file, and committed.  `make unicode` writes new ones
# beside the old and says how many lines differ; `make unicode-update` puts
# them in their place.

U_DIR   = $(S)/unicode
U_FILES = acct_unicode_data.c acct_unicode_data.h
UCD    ?= /usr/share/unicode

.PHONY: unicode unicode-update unicode-test

unicode:                                      ## make the Unicode tables beside the old ones
	@mkdir -p $(B)/unicode
	python3 $(U_DIR)/tables.py --ucd $(UCD) --out $(B)/unicode
	@for f in $(U_FILES); do \
	    printf '%s: %s lines differ\n' $$f \
	        $$(diff $(S)/core/$$f $(B)/unicode/$$f | grep -c '^[<>]'); \
	done

unicode-update: unicode                       ## and put them in their place
	cp $(addprefix $(B)/unicode/,$(U_FILES)) $(S)/core/

unicode-test:                                 ## what is committed is what is made, and refusals
	prove --exec python3 t/unicode/tables.t
