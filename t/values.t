# vi:ft=
# acctinfo_values, acctinfo_hash_key: what of a value goes into the record, and
# that nothing of it goes anywhere else.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;
use Digest::SHA qw(hmac_sha256_hex);

our $key = pack 'C*', 0 .. 31;

sub h { return hmac_sha256_hex($_[0], $key) }

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value("http_config", ($block->http_config // '') . <<'EOC');
        log_format record escape=none '$acctinfo_record';
        access_log logs/access.log record;
EOC

    # the suite's key is no secret, and nginx warns of that

    $block->set_value("suppress_stderr", "") if $block->http_config =~ /two/;
});

run_tests();

__DATA__

=== none without a key
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice
--- access_log eval
qr|"elapsed":\d+\.\d{6}\}$|m
--- no_access_log
alice


=== a key: hashes of the folded values, and the key's id
--- http_config
acctinfo_hash_key $TEST_NGINX_DATA/keys/two.txt;
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/json
--- request
POST /r
{"username":"ALICE","bio":"Ｔｅａ"}
--- access_log eval
qr|,"values":\[\{"field":"name","hash":"@{[main::h('alice')]}","key":"k2"\},\{"field":"profile","hash":"@{[main::h('tea')]}","key":"k2"\}\]\}$|m
--- no_access_log
alice
ALICE


=== none beside a key
--- http_config
acctinfo_hash_key $TEST_NGINX_DATA/keys/two.txt;
--- config
location /r {
    acctinfo on;
    acctinfo_values none;
    proxy_pass http://app;
}
--- request
GET /r?username=alice
--- access_log eval
qr|"elapsed":\d+\.\d{6}\}$|m


=== full: as the application would read it
--- config
location /r {
    acctinfo on;
    acctinfo_values full;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r?nickname=a%22b
username=al+ice&bio=%ff
--- error_code: 400
--- access_log eval
qr|,"values":\[\{"field":"name","value":"a\\"b"\},\{"field":"name","value":"al ice"\},\{"field":"profile","value":"\xef\xbf\xbd"\}\]\}$|m


=== full ends where the reading does
--- config
location /r {
    acctinfo on;
    acctinfo_values full;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
bio=tea&username=zhongyang&nickname=later
--- error_code: 403
--- access_log eval
qr|,"values":\[\{"field":"profile","value":"tea"\},\{"field":"name","value":"zhongyang"\}\]\}$|m


=== and so in whatever pieces it comes
--- config
location /r {
    acctinfo on;
    acctinfo_values full;
    proxy_pass http://127.0.0.1:1;
}
--- raw_request eval
["POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 41\r
\r
bio=t", "ea&user", "name=zhong", "yang&", "nickname=later"]
--- raw_request_middle_delay: 0.1
--- error_code: 403
--- access_log eval
qr|"match_count":1,.*,"values":\[\{"field":"profile","value":"tea"\},\{"field":"name","value":"zhongyang"\}\]\}$|m


=== a refusal is as early as without
--- config
location /r {
    acctinfo on;
    acctinfo_values full;
    proxy_pass http://127.0.0.1:1;
}
--- timeout: 2
--- raw_request eval
"POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 4100\r
\r
username=zhongyang&nickname=l"
--- error_code: 403
--- access_log eval
qr|,"values":\[\{"field":"name","value":"zhongyang"\}\]\}$|m


=== in the query likewise, and the body is not waited for
--- config
location /r {
    acctinfo on;
    acctinfo_values full;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r?username=zhongyang&bio=tea
nickname=later
--- error_code: 403
--- access_log eval
qr|"match_count":1,.*,"values":\[\{"field":"name","value":"zhongyang"\}\]\}$|m


=== match: only the matched piece
--- config
location /r {
    acctinfo on;
    acctinfo_level 1 2;
    acctinfo_values match;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice&bio=please+jiawo+or+erji+now
--- access_log eval
qr|,"values":\[\{"field":"profile","rule":"SUI-0002","match":"jiawo"\},\{"field":"profile","rule":"SUI-0005","match":"erji"\}\]\}$|m
--- no_access_log
alice
please


=== match: nothing matched
--- config
location /r {
    acctinfo on;
    acctinfo_values match;
    proxy_pass http://app;
}
--- request
GET /r?username=alice
--- access_log eval
qr|,"values":\[\]\}$|m


=== a sample of none, and a sample of all
--- config
acctinfo on;
location /r/a {
    acctinfo_values match sample=0/1;
    proxy_pass http://app;
}
location /r/b {
    acctinfo_values match sample=100/100;
    proxy_pass http://app;
}
--- pipelined_requests eval
["GET /r/a?bio=jiawo", "GET /r/b?bio=jiawo"]
--- access_log eval
[qr|"uri":"/r/a".*"elapsed":\d+\.\d{6}\}$|m, qr|"uri":"/r/b".*"match":"jiawo"\}\]\}$|m]


=== a sample is inherited with its word
--- config
acctinfo on;
acctinfo_values match sample=0/100;
location /r {
    proxy_pass http://app;
}
--- request
GET /r?bio=jiawo
--- access_log eval
qr|"uri":"/r".*"elapsed":\d+\.\d{6}\}$|m


=== of a long value its beginning, in whole characters
--- config
location /r {
    acctinfo on;
    acctinfo_values full;
    proxy_pass http://app/500;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request eval
"POST /r\nbio=" . ("x" x 4094) . "\xe5\xae\x98" . ("y" x 100)
--- error_code: 500
--- access_log eval
qr|,"values":\[\{"field":"profile","value":"x{4094}","cut":true\}\]\}$|m


=== of many values the first
--- config
location /r {
    acctinfo on;
    acctinfo_values full;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/json
--- request eval
"POST /r\n{\"username\":[" . CORE::join(",", 1 .. 40) . "]}"
--- access_log eval
qr|,"values":\[\{"field":"name","value":"1"\},.*\{"field":"name","value":"16"\}\]\}$|m


=== an empty value
--- http_config
acctinfo_hash_key $TEST_NGINX_DATA/keys/two.txt;
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- request
GET /r?username=
--- access_log eval
qr|,"values":\[\{"field":"name","hash":"@{[main::h('')]}","key":"k2"\}\]\}$|m


=== a redirect to a location that tells more
--- config
acctinfo on;
location /r {
    acctinfo_values none;
    error_page 404 = @more;
    proxy_intercept_errors on;
    proxy_pass http://app/404;
}
location @more {
    acctinfo_values full;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice
--- access_log eval
qr|,"values":\[\{"field":"name","value":"alice"\}\]\}$|m


=== nothing of a value or a key reaches the error log, not at debug either: hash
--- http_config
acctinfo_hash_key $TEST_NGINX_DATA/keys/two.txt;
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=it+is+zhongyang+qqqsecretqqq
--- error_code: 403
--- no_error_log
zhongyang
qqqsecretqqq
000102030405


=== nothing of a value reaches the error log: full
--- config
location /r {
    acctinfo on;
    acctinfo_values full;
    access_log off;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=it+is+zhongyang+qqqsecretqqq
--- error_code: 403
--- no_error_log
zhongyang
qqqsecretqqq


=== nothing of a value reaches the error log: match
--- config
location /r {
    acctinfo on;
    acctinfo_values match;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=it+is+zhongyang+qqqsecretqqq
--- error_code: 403
--- no_error_log
qqqsecretqqq
is zhongyang


=== hash without a key
--- config
location /r {
    acctinfo_values hash;
}
--- must_die
--- error_log
"acctinfo_values hash" needs "acctinfo_hash_key"


=== another word
--- config
acctinfo_values all;
--- must_die
--- error_log
invalid value "all", it must be "none", "hash", "match" or "full"


=== a sample of more than all
--- config
acctinfo_values match sample=3/2;
--- must_die
--- error_log
invalid parameter "sample=3/2"


=== a sample of something else
--- config
acctinfo_values full sample=1/2;
--- must_die
--- error_log
invalid parameter "sample=1/2", "match" alone takes one


=== a key that is not there
--- http_config
acctinfo_hash_key $TEST_NGINX_DATA/keys/missing.txt;
--- config
--- must_die
--- error_log
keys/missing.txt" failed


=== a key that is too short; nothing of it is told
--- http_config
acctinfo_hash_key $TEST_NGINX_DATA/keys/short.txt;
--- config
--- must_die
--- error_log eval
qr{line 1 of "\S+/keys/short\.txt" is no key: it must be an id, ":" and from 16 to 128 bytes as hex digits in }


=== a key that is not of hex digits
--- http_config
acctinfo_hash_key $TEST_NGINX_DATA/keys/digit.txt;
--- config
--- must_die
--- error_log
keys/digit.txt" is no key


=== no key in the file
--- http_config
acctinfo_hash_key $TEST_NGINX_DATA/keys/none.txt;
--- config
--- must_die
--- error_log
there is no key in "
