# vi:ft=
# What nginx -t refuses, in plain sentences, and what it tells at info.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

run_tests();

__DATA__

=== on without rules
--- bare
--- http_config
acctinfo_field name username;
--- config
location /r {
    acctinfo on;
}
--- must_die
--- error_log eval
qr{\[emerg\] .* "acctinfo" is on without "acctinfo_rules" in location "/r" of server "localhost" in \S+nginx.conf:\d+}


=== on without fields
--- bare
--- http_config
acctinfo_rules $TEST_NGINX_DATA/rules/suite.json;
--- config
location /r {
    acctinfo on;
}
--- must_die
--- error_log
"acctinfo" is on without "acctinfo_field" in location "/r"


=== a variable mode counts as on
--- bare
--- config
location /r {
    acctinfo $arg_mode;
}
--- must_die
--- error_log
"acctinfo" is on without "acctinfo_rules" in location "/r"


=== off needs neither
--- bare
--- config
location /r {
    acctinfo off;
    return 204;
}
--- request
GET /r
--- error_code: 204
--- no_error_log
[emerg]


=== acctinfo_rules off takes the outer rules away
--- config
location /r {
    acctinfo on;
    acctinfo_rules off;
}
--- must_die
--- error_log
"acctinfo" is on without "acctinfo_rules" in location "/r"


=== acctinfo_rules off with a path beside it
--- config
location /r {
    acctinfo_rules off $TEST_NGINX_DATA/rules/suite.json;
}
--- must_die
--- error_log
"acctinfo_rules" directive has paths beside "off"


=== an unsound pack, with the pack's own diagnostic
--- config
location /r {
    acctinfo on;
    acctinfo_rules $TEST_NGINX_DATA/rules/unsound.json;
}
--- must_die
--- error_log eval
[qr{\[emerg\] .*rules/unsound\.json:\d+: UNS-0001: view: error: .* in \S+nginx\.conf:\d+},
 qr{\[emerg\] .*the rules in "\S+/rules/unsound\.json" could not be loaded in \S+nginx\.conf:\d+}]


=== rules that are not there
--- config
location /r {
    acctinfo on;
    acctinfo_rules $TEST_NGINX_DATA/rules/none.json;
}
--- must_die
--- error_log
/rules/none.json" could not be loaded


=== a folder without packs
--- config
location /r {
    acctinfo on;
    acctinfo_rules $TEST_NGINX_SERVROOT/logs;
}
--- must_die
--- error_log
/logs" could not be loaded


=== a rule in two rule sets of one location
--- config
location /r {
    acctinfo on;
    acctinfo_rules $TEST_NGINX_DATA/rules/suite.json $TEST_NGINX_DATA/rules/../rules/suite.json;
}
--- must_die
--- error_log
rule "SUI-0001" is in two of the rule sets


=== an unknown mode
--- config
location /r {
    acctinfo yes;
}
--- must_die
--- error_log
invalid value "yes", it must be "off", "on", "dry_run" or a variable


=== a mode twice
--- config
location /r {
    acctinfo on;
    acctinfo off;
}
--- must_die
--- error_log
"acctinfo" directive is duplicate


=== an unknown variable as a wire
--- config
location /r {
    acctinfo_field name $no_such_variable_here;
}
--- must_die
--- error_log
unknown "no_such_variable_here" variable


=== a dollar alone as a wire
--- config
location /r {
    acctinfo_field name $;
}
--- must_die
--- error_log
invalid variable name in wire "$"


=== too many fields
--- config eval
"location /r {
    acctinfo on;
" . CORE::join('', map { "acctinfo_field f$_ w$_;\n" } 1 .. 65) . "}"
--- must_die
--- error_log
acctinfo: field "f65" is one too many, a location watches at most 64 fields


=== as many fields as there may be
--- config eval
"location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
" . CORE::join('', map { "acctinfo_field f$_ w$_;\n" } 1 .. 64) . "}"
--- request
GET /r?w64=zhongyang
--- error_code: 403
--- response_body_like: "field":"f64"


=== an unknown flag
--- config
location /r {
    acctinfo_flag malformed oddity pass;
}
--- must_die
--- error_log
unknown flag "oddity"


=== a flag cannot ask for a proof
--- config
location /r {
    acctinfo_flag malformed verify;
}
--- must_die
--- error_log
invalid action "verify" of a flag, it must be "pass", "tag" or "reject"


=== an unknown action of a rule
--- config
location /r {
    acctinfo_rule SUI-0001 pass;
}
--- must_die
--- error_log
invalid action "pass" of a rule, it must be "off", "trial", "tag", "verify" or "reject"


=== an unknown limit
--- config
location /r {
    acctinfo_limit width 10;
}
--- must_die
--- error_log
unknown limit "width"


=== a limit out of its range
--- config
location /r {
    acctinfo_limit depth 0;
}
--- must_die
--- error_log
invalid value "0" of limit "depth", it must be from 1 to


=== a limit that is no size
--- config
location /r {
    acctinfo_limit depth deep;
}
--- must_die
--- error_log
invalid value "deep" of limit "depth"


=== a level out of its range
--- config
location /r {
    acctinfo_level 4;
}
--- must_die
--- error_log
invalid level "4", it must be from 0 to 3


=== watching less than acting
--- config
location /r {
    acctinfo_level 2 1;
}
--- must_die
--- error_log
"acctinfo_level" directive watches less than it acts on


=== a status that is no refusal
--- config
location /r {
    acctinfo_status 302;
}
--- must_die
--- error_log
invalid status 302


=== a status of nginx's own
--- config
location /r {
    acctinfo_status 444;
}
--- must_die
--- error_log
invalid status 444


=== a method in lower case
--- config
location /r {
    acctinfo_methods post;
}
--- must_die
--- error_log
invalid method "post"


=== a header with an underscore
--- http_config
acctinfo_header X_Mark;
--- config
--- must_die
--- error_log
invalid header name "X_Mark", it must be of letters, digits and "-"


=== acctinfo_header in a location
--- config
location /r {
    acctinfo_header X-Mark;
}
--- must_die
--- error_log
"acctinfo_header" directive is not allowed here


=== a URL that could leave its string
--- config
location /r {
    acctinfo_rules_url 'https://a/"><script>';
}
--- must_die
--- error_log
invalid URL


=== unknown word of acctinfo_keys
--- config
location /r {
    acctinfo_keys strict;
}
--- must_die
--- error_log
invalid value "strict"


=== unknown word of acctinfo_verify
--- config
location /r {
    acctinfo_verify off;
}
--- must_die
--- error_log
invalid value "off"


=== unknown word of acctinfo_failure
--- config
location /r {
    acctinfo_failure off;
}
--- must_die
--- error_log
invalid value "off"
