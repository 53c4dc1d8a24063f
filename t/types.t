# vi:ft=
# acctinfo_type, acctinfo_charset, acctinfo_decode: how bodies are read that
# would be refused unread.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

run_tests();

__DATA__

=== a type that nobody reads is refused
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: text/plain
--- request
POST /r
{"username":"alice"}
--- error_code: 415
--- response_body_like: "reason":"unknown_type"


=== a type is given a reader
--- config
location /r {
    acctinfo on;
    acctinfo_type text/plain json;
    acctinfo_type application/x-form form;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: text/plain;charset=UTF-8
--- request
POST /r
{"username":"zhongyang"}
--- error_code: 403
--- response_body_like: "reason":"impersonation_official"


=== the other of the two
--- config
location /r {
    acctinfo on;
    acctinfo_type text/plain json;
    acctinfo_type application/x-form form;
    proxy_pass http://app;
}
--- more_headers
Content-Type: Application/X-Form
--- request
POST /r
bio=jiawo
--- response_body_like: (?m)^mark: action=tag,


=== a suffix
--- config
location /r {
    acctinfo on;
    acctinfo_type +own json;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/vnd.site+own
--- request
POST /r
{"username":"zhongyang"}
--- error_code: 403


=== none: forwarded, inspected by its arguments alone
--- config
location /r {
    acctinfo on;
    acctinfo_type image/png none;
    proxy_pass http://app;
}
--- more_headers
Content-Type: image/png
--- request
POST /r
{"username":"zhongyang"}
--- response_body_like: (?m)^mark: action=pass,


=== an inner list replaces the outer
--- config
acctinfo on;
acctinfo_type text/plain json;
location /r {
    acctinfo_type image/png none;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: text/plain
--- request
POST /r
{"username":"alice"}
--- error_code: 415


=== a compressed body is refused
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/json
Content-Encoding: gzip
--- request eval
"POST /r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x2a\x2d\x4e\x2d\xca\x4b\xcc\x4d\x55\xb2\x52\xaa\xca\xc8\xcf\x4b\xaf\x4c\xcc\x4b\x57\xaa\x05\x00\xce\x5c\x76\x75\x18\x00\x00\x00"
--- error_code: 415
--- response_body_like: "reason":"compressed"


=== gzip is undone before reading
--- config
location /r {
    acctinfo on;
    acctinfo_decode gzip deflate;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/json
Content-Encoding: gzip
--- request eval
"POST /r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x2a\x2d\x4e\x2d\xca\x4b\xcc\x4d\x55\xb2\x52\xaa\xca\xc8\xcf\x4b\xaf\x4c\xcc\x4b\x57\xaa\x05\x00\xce\x5c\x76\x75\x18\x00\x00\x00"
--- error_code: 403
--- response_body_like: "reason":"impersonation_official"


=== deflate likewise
--- config
location /r {
    acctinfo on;
    acctinfo_decode gzip deflate;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/json
Content-Encoding: deflate
--- request eval
"POST /r\n\x78\x9c\xab\x56\x2a\x2d\x4e\x2d\xca\x4b\xcc\x4d\x55\xb2\x52\xaa\xca\xc8\xcf\x4b\xaf\x4c\xcc\x4b\x57\xaa\x05\x00\x6f\xb2\x08\xf0"
--- error_code: 403
--- response_body_like: "reason":"impersonation_official"


=== and the application gets it compressed as it came
--- config
location /r {
    acctinfo on;
    acctinfo_decode gzip;
    acctinfo_rule SUI-0001 tag;
    proxy_pass http://app/long;
}
--- more_headers
Content-Type: application/json
Content-Encoding: gzip
--- request eval
"POST /r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x2a\x2d\x4e\x2d\xca\x4b\xcc\x4d\x55\xb2\x52\xaa\xca\xc8\xcf\x4b\xaf\x4c\xcc\x4b\x57\xaa\x05\x00\xce\x5c\x76\x75\x18\x00\x00\x00"
--- response_body
length: 44, arrived: 44


=== off takes the outer list away
--- config
acctinfo on;
acctinfo_decode gzip;
acctinfo_charset gbk;
location /r {
    acctinfo_decode off;
    acctinfo_charset off;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/json
Content-Encoding: gzip
--- request eval
"POST /r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x2a\x2d\x4e\x2d\xca\x4b\xcc\x4d\x55\xb2\x52\xaa\xca\xc8\xcf\x4b\xaf\x4c\xcc\x4b\x57\xaa\x05\x00\xce\x5c\x76\x75\x18\x00\x00\x00"
--- error_code: 415


=== another charset is refused
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/json; charset=gbk
--- request
POST /r
{"username":"alice"}
--- error_code: 400
--- response_body_like: "reason":"bad_charset"


=== it is converted before reading
--- config
location /r {
    acctinfo on;
    acctinfo_rules $TEST_NGINX_DATA/rules/han.json;
    acctinfo_charset gbk big5;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/json; charset=GBK
--- request eval
"POST /r\n{\"username\":\"\xb9\xd9\xb7\xbd\"}"
--- error_code: 403
--- response_body_like: "reason":"impersonation_platform"


=== a reader that there is not
--- config
acctinfo_type text/plain xml;
--- must_die
--- error_log
invalid reader "xml", it must be "json", "form", "multipart" or "none"


=== what is no media type
--- config
acctinfo_type json json;
--- must_die
--- error_log
invalid media type "json"


=== a coding that there is not
--- config
acctinfo_decode gzip br;
--- must_die
--- error_log
invalid value "br", it must be "gzip" or "deflate"


=== a charset in which ASCII is something else
--- config
acctinfo_charset utf-16;
--- must_die
--- error_log
invalid value "utf-16", it must be a charset that keeps the bytes of ASCII


=== twice
--- config
acctinfo_decode gzip;
acctinfo_decode deflate;
--- must_die
--- error_log
"acctinfo_decode" directive is duplicate
