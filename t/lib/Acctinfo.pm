package Acctinfo;

# What the Test::Nginx suites share.  Each block gets, before its own
# http_config:
#
#   - "app", the application of t/lib/app.conf: another nginx, for in one that
#     has the module the marks would be taken for forgeries;
#   - the rules of t/data/rules/suite.json and two fields, "name" on the wires
#     username and nickname, "profile" on bio; nothing is watched until a
#     block says "acctinfo on".
#
# A block with a section "bare" gets none of it.  Every block also checks that
# nothing alarming was logged, unless it says itself what is not to be logged.

use strict;
use warnings;

use Test::Nginx::Socket ();


my $app = <<'EOC';
    upstream app {
        server 127.0.0.1:$TEST_NGINX_APP_PORT;
    }
EOC

my $rules = <<'EOC';
    acctinfo_rules $TEST_NGINX_DATA/rules/suite.json;
    acctinfo_field name username nickname;
    acctinfo_field profile bio;
EOC


sub import {
    Test::Nginx::Socket::add_block_preprocessor(sub {
        my $block = shift;

        if (!defined $block->bare) {
            $block->set_value("http_config",
                $app . $rules . ($block->http_config // ''));
        }

        if (defined $block->must_die) {

            # its error is expected, so nobody needs a warning of it

            $block->set_value("suppress_stderr", "");

            my $log = $block->error_log;

            if (defined $log && !ref $log) {
                $block->set_value("error_log", "$log\n[emerg]\n");
            }

        } elsif (!defined $block->no_error_log) {
            $block->set_value("no_error_log", "[alert]\n[crit]\n");
        }
    });
}


1;
