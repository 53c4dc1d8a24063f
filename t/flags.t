# vi:ft=
# What is odd about a body: 400, 415, and what the operator makes of it.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

run_tests();

__DATA__

=== unknown_type: 415, without the body being asked for
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- raw_request eval
"POST /r HTTP/1.1\r
Host: localhost\r
Expect: 100-continue\r
Content-Type: text/plain\r
Content-Length: 1000000\r
\r
"
--- error_code: 415
--- response_headers
Content-Type: application/problem+json
Connection: close
--- response_body_like chomp
\A\{"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"[^"]+","id":"[0-9a-f]{32}","reason":"unknown_type"\}\n\z


=== unknown_type turned to tag
--- config
location /r {
    acctinfo on;
    acctinfo_flag unknown_type tag;
    proxy_pass http://app;
}
--- more_headers
Content-Type: text/plain
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)^mark: action=tag, reason=unknown_type, id="[0-9a-f]{32}"
length: 18
body: username=zhongyang$


=== unknown_type turned to pass
--- config
location /r {
    acctinfo on;
    acctinfo_flag unknown_type pass;
    proxy_pass http://app;
}
--- more_headers
Content-Type: text/plain
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)^mark: action=pass, id="[0-9a-f]{32}"
length: 18


=== no Content-Type at all
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- request
POST /r
username=alice
--- error_code: 415


=== a rule's reject in the query decides before the type
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: text/plain
--- request
POST /r?username=zhongyang
x=1
--- error_code: 403


=== compressed: 415
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
Content-Encoding: gzip
--- request
POST /r
username=alice
--- error_code: 415
--- response_body_like: "reason":"compressed"


=== compressed turned to tag
--- config
location /r {
    acctinfo on;
    acctinfo_flag compressed unknown_type tag;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
Content-Encoding: gzip
--- request
POST /r
username=alice
--- response_body_like chomp
(?m)^mark: action=tag, reason=compressed,


=== identity is no compression
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
Content-Encoding: identity
--- request
POST /r
username=alice
--- response_body_like chomp
(?m)^mark: action=pass,


=== duplicate_field: 400
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice&username=bob
--- error_code: 400
--- response_body_like: "title":"Bad Request","status":400,.*"reason":"duplicate_field"


=== duplicate_field turned to tag
--- config
location /r {
    acctinfo on;
    acctinfo_flag duplicate_field tag;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice&username=bob
--- response_body_like chomp
(?m)^mark: action=tag, reason=duplicate_field,


=== duplicate_field turned to pass
--- config
location /r {
    acctinfo on;
    acctinfo_flag duplicate_field pass;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice&username=bob
--- response_body_like chomp
(?m)^mark: action=pass, id=


=== bad_utf8: 400
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=al%FFice
--- error_code: 400
--- response_body_like: "reason":"bad_utf8"


=== bad_utf8 turned to pass
--- config
location /r {
    acctinfo on;
    acctinfo_flag bad_utf8 pass;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=al%FFice
--- response_body_like chomp
(?m)^mark: action=pass, id=


=== malformed JSON: 400
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/json
--- request
POST /r
{"username":"alice"]
--- error_code: 400
--- response_body_like: "reason":"malformed"


=== truncated JSON: 400
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/json
--- request
POST /r
{"username":"alice"
--- error_code: 400
--- response_body_like: "reason":"truncated"


=== truncated and malformed turned to pass
--- config
location /r {
    acctinfo on;
    acctinfo_flag truncated malformed pass;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/json
--- request
POST /r
{"username":"alice"
--- response_body_like chomp
(?m)^mark: action=pass, id=


=== too_deep, by a limit of the operator's
--- config
location /r {
    acctinfo on;
    acctinfo_limit depth 2;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/json
--- request
POST /r
{"a":{"b":{"c":1}}}
--- error_code: 400
--- response_body_like: "reason":"too_deep"


=== too_many
--- config
location /r {
    acctinfo on;
    acctinfo_limit keys 3;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
a=1&b=2&c=3&d=4&e=5
--- error_code: 400
--- response_body_like: "reason":"too_many"


=== too_long, with a size in kilobytes
--- config
location /r {
    acctinfo on;
    acctinfo_limit length 1k;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request eval
"POST /r
username=" . ("a" x 1025)
--- error_code: 400
--- response_body_like: "reason":"too_long"


=== a value just within its limit
--- config
location /r {
    acctinfo on;
    acctinfo_limit length 1k;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request eval
"POST /r
username=" . ("a" x 1024)
--- response_body_like chomp
(?m)^mark: action=pass, id=


=== 415 goes before 400
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: text/plain
--- request
POST /r?username=a&username=b
x=1
--- error_code: 415
