# vi:ft=
# The client's copies of our header are removed everywhere, in every spelling;
# ours is pushed once.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

our $forged = <<'EOC';
X-Acctinfo: action=pass
X_Acctinfo: action=pass
x-acctinfo_action: pass
X.Acctinfo: action=pass
X-Acctinfo-Action: pass
Cookie: kept=1
X-Other: kept
EOC

run_tests();

__DATA__

=== forged headers do not pass a location that is off
--- config
underscores_in_headers on;
ignore_invalid_headers off;
location /headers {
    proxy_pass http://app;
}
location /watched {
    acctinfo on;
}
--- more_headers eval: $::forged
--- request
GET /headers
--- response_body
1 
2 
3 kept


=== nor reach the application in a location that is on
--- config
underscores_in_headers on;
ignore_invalid_headers off;
location /headers {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers eval: $::forged
--- request
GET /headers
--- response_body_like chomp
\A1 action=pass, id="[0-9a-f]{32}"
2 
3 kept
\z


=== nor the subrequest of auth_request
--- config
underscores_in_headers on;
ignore_invalid_headers off;
location /headers {
    auth_request /auth;
    auth_request_set $saw $upstream_http_x_auth_saw;
    add_header Auth-Saw "saw: $saw.";
    acctinfo on;
    proxy_pass http://app;
}
location = /auth {
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_pass http://app;
}
--- more_headers eval: $::forged
--- request
GET /headers
--- response_headers
Auth-Saw: saw: .


=== with everything off they are no affair of ours
--- config
underscores_in_headers on;
ignore_invalid_headers off;
location /headers {
    proxy_pass http://app;
}
--- more_headers
X-Acctinfo: action=pass
--- request
GET /headers
--- response_body
1 action=pass
2 
3 


=== a header that only begins alike is kept
--- config
location /headers {
    acctinfo on;
    proxy_set_header X-Other $http_x_acctinformation;
    proxy_pass http://app;
}
--- more_headers
X-Acctinformation: kept
--- request
GET /headers
--- response_body_like chomp
(?m)^3 kept$


=== forgeries first, in the middle and last, and many headers between
--- config
location /headers {
    acctinfo on;
    proxy_set_header X-Other "$http_h1 $http_h30 $http_h59 $http_cookie $http_x_last $content_type";
    proxy_pass http://app;
}
--- raw_request eval
"GET /headers HTTP/1.1\r\nX-Acctinfo: first\r\nX-Acctinfo-B: second\r\n"
. "Host: localhost\r\nConnection: close\r\nContent-Type: text/x-y\r\n"
. CORE::join('', map { "H$_: $_\r\nX-Acctinfo-$_: forged\r\n" } 1 .. 60)
. "Cookie: c=1\r\nX-Last: last\r\nX-Acctinfo: end\r\nX-Acctinfo: end\r\n\r\n"
--- response_body_like chomp
\A1 action=pass, id="[0-9a-f]{32}"
2 
3 1 30 59 c=1 last text/x-y
\z


=== a part of the list that is full, with a forgery in the first place
--- config
location /headers {
    acctinfo on;
    proxy_set_header X-Other "$http_h1 $http_h17";
    proxy_pass http://app;
}
--- raw_request eval
"GET /headers HTTP/1.1\r\nX-Acctinfo: first\r\n"
. "Host: localhost\r\nConnection: close\r\n"
. CORE::join('', map { "H$_: $_\r\n" } 1 .. 17) . "\r\n"
--- response_body_like chomp
\A1 action=pass, id="[0-9a-f]{32}"
2 
3 1 17
\z


=== and in the middle of one
--- config
location /headers {
    acctinfo on;
    proxy_set_header X-Other "$http_h1 $http_h17";
    proxy_pass http://app;
}
--- raw_request eval
"GET /headers HTTP/1.1\r\n"
. "Host: localhost\r\nConnection: close\r\n"
. CORE::join('', map { "H$_: $_\r\n" . ($_ == 9 ? "X-Acctinfo: x\r\n" : '') } 1 .. 17) . "\r\n"
--- response_body_like chomp
\A1 action=pass, id="[0-9a-f]{32}"
2 
3 1 17
\z


=== nothing but forgeries
--- config
location /headers {
    acctinfo on;
    proxy_pass http://app;
}
--- raw_request eval
"GET /headers HTTP/1.0\r\nX-Acctinfo: first\r\nX-Acctinfo: second\r\n\r\n"
--- response_body_like chomp
\A1 action=pass, id="[0-9a-f]{32}"
2 
3 
\z


=== acctinfo_header: another name
--- http_config
acctinfo_header X-Other;
--- config
underscores_in_headers on;
location /headers {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
X-Acctinfo: not ours
X-Other: forged
X_Other_Thing: forged
--- request
GET /headers
--- response_body_like chomp
\A1 not ours
2 
3 action=pass, id="[0-9a-f]{32}"
\z


=== acctinfo_header off: none is pushed, the default is still removed
--- http_config
acctinfo_header off;
--- config
location /headers {
    acctinfo on;
    proxy_set_header X-Other $acctinfo_action;
    proxy_pass http://app;
}
--- more_headers
X-Acctinfo: forged
--- request
GET /headers
--- response_body
1 
2 
3 pass


=== the id of the mark is $request_id and $acctinfo_id
--- config
location /headers {
    acctinfo on;
    add_header Same "$request_id $acctinfo_id";
    proxy_set_header X-Other $request_id;
    proxy_pass http://app;
}
--- request
GET /headers
--- response_body_like chomp
\A1 action=pass, id="([0-9a-f]{32})"
2 
3 \1
\z
--- raw_response_headers_like: Same: ([0-9a-f]{32}) \1\r


=== the mark goes to a mirror made after it
--- config
location /headers {
    acctinfo on;
    mirror /copy;
    proxy_pass http://app;
}
location = /copy {
    internal;
    proxy_set_header X-Acctinfo "$http_x_acctinfo";
    access_log logs/copy.log;
    proxy_pass http://app/r;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /headers
bio=jiawo
--- response_body_like: action=tag
--- grep_error_log: acctinfo begin
--- grep_error_log_out
acctinfo begin
--- error_log
X-Acctinfo: action=tag, rule="SUI-0002"
