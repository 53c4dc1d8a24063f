# vi:ft=
# Where a field is looked for: readers, wires that are variables, keys.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

run_tests();

__DATA__

=== JSON
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/json
--- request
POST /r
{"a":[1,2],"username":"zhong\u0079ang"}
--- error_code: 403
--- response_body_like: "field":"name"


=== JSON, honest, unchanged
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/json; charset=utf-8
--- request
POST /r
{"username":"alice","bio":"jiawo"}
--- response_body_like chomp
(?m)^mark: action=tag, rule="SUI-0002".*
length: 34
body: \{"username":"alice","bio":"jiawo"\}$


=== a JSON path
--- config
location /r {
    acctinfo on;
    acctinfo_field name user.login items[].title;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/json
--- request
POST /r
{"items":[{"title":"x"},{"title":"zhongyang"}]}
--- error_code: 403


=== multipart
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: multipart/form-data; boundary=XX
--- request eval
"POST /r
--XX\r
Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r
\r
" . ("\x00\xff" x 3000) . "\r
--XX\r
Content-Disposition: form-data; name=\"nickname\"\r
\r
zhongyang\r
--XX--\r
"
--- error_code: 403
--- response_body_like: "field":"name"


=== a variable wire, from the path
--- config
location ~ ^/users/(?<nick>[^/]+)$ {
    acctinfo on;
    acctinfo_field name username $nick;
    proxy_pass http://127.0.0.1:1;
}
--- request
PUT /users/zhongyang
--- error_code: 403
--- response_body_like: "field":"name"


=== a variable wire, from a header, beside the body
--- config
location /r {
    acctinfo on;
    acctinfo_field profile $http_x_nick;
    acctinfo_field name username;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
X-Nick: zhongyang
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice
--- error_code: 403
--- response_body_like: "field":"profile"


=== variables come first, in configured order, then the query, then the body
--- config
location /r {
    acctinfo on;
    acctinfo_field name username;
    acctinfo_field profile $http_x_b $http_x_a;
    acctinfo_rule SUI-0001 tag;
    acctinfo_flag duplicate_field pass;
    proxy_pass http://app;
    add_header Matches $acctinfo_matches;
}
--- more_headers
X-A: zhongyang
X-B: my zhongyang
Content-Type: application/x-www-form-urlencoded
--- request
POST /r?username=the+zhongyang
username=it+zhongyang
--- raw_response_headers_like: Matches: \[.*"profile".*\[3,12\].*"profile".*\[0,9\].*"name".*\[4,13\].*"name".*\[3,12\].*\]


=== an empty or missing variable is a field that is not there
--- config
location /r {
    acctinfo on;
    acctinfo_field name $http_x_nick $arg_none;
    proxy_pass http://app;
}
--- request
GET /r
--- response_body_like chomp
(?m)^mark: action=pass, id=


=== keys are compared loosely
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
UserName[]=zhongyang
--- error_code: 403


=== acctinfo_keys exact
--- config
location /r {
    acctinfo on;
    acctinfo_keys exact;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
UserName[]=zhongyang
--- response_body_like chomp
(?m)^mark: action=pass, id=


=== an inner acctinfo_field replaces the outer list
--- config
location /r {
    acctinfo on;
    acctinfo_field signature sign;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)^mark: action=pass, id=


=== an inner acctinfo_rules replaces the outer list
--- config
location /r {
    acctinfo on;
    acctinfo_rules $TEST_NGINX_DATA/rules/other.json;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)^mark: action=pass, id=


=== two rule sets
--- config
location /r {
    acctinfo on;
    acctinfo_rules $TEST_NGINX_DATA/rules/other.json;
    acctinfo_rules $TEST_NGINX_DATA/rules/suite.json;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
bio=zhongyang&username=jinzhi
--- error_code: 403
--- response_body_like: "reason":"impersonation_official","field":"profile"


=== the second of two rule sets
--- config
location /r {
    acctinfo on;
    acctinfo_rules $TEST_NGINX_DATA/rules/suite.json $TEST_NGINX_DATA/rules/other.json;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=jinzhi
--- error_code: 403
--- response_body_like: "reason":"prohibited_content","field":"name"
