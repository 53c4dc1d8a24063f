# vi:ft=
# Subrequests are not the client's requests, and are not inspected.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

run_tests();

__DATA__

=== a mirror's target with "acctinfo on" inherited
--- config
acctinfo on;
location /r {
    mirror /copy;
    proxy_pass http://app;
}
location = /copy {
    internal;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice&bio=jiawo
--- response_body_like chomp
(?m)^mark: action=tag, rule="SUI-0002".*
length: 24
body: username=alice&bio=jiawo$
--- grep_error_log: acctinfo begin
--- grep_error_log_out
acctinfo begin


=== a refused request is not mirrored
--- config
location /r {
    acctinfo on;
    mirror /copy;
    proxy_pass http://127.0.0.1:1;
}
location = /copy {
    internal;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403
--- no_error_log
connect() failed
[alert]


=== a mirror in an outer location, inspected after it by a redirect
--- config
location /404 {
    mirror /copy;
    proxy_intercept_errors on;
    error_page 404 = @watched;
    proxy_pass http://app;
}
location = /copy {
    internal;
    proxy_pass http://app;
}
location @watched {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /404
username=zhongyang
--- error_code: 403
--- response_body_like: about:blank


=== auth_request: its target is not inspected, and strangers cost nothing
--- config
acctinfo on;
location /r {
    auth_request /no;
    proxy_pass http://127.0.0.1:1;
}
location = /no {
    internal;
    return 401;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 401
--- no_error_log
acctinfo begin
[alert]


=== auth_request lets in, then we inspect
--- config
acctinfo on;
location /r {
    auth_request /auth;
    proxy_pass http://127.0.0.1:1;
}
location = /auth {
    internal;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403
--- response_body_like: about:blank
--- grep_error_log: acctinfo begin
--- grep_error_log_out
acctinfo begin


=== what auth_request found out may be a wire
--- config
location /r {
    auth_request /auth;
    auth_request_set $nick zhongyang;
    acctinfo on;
    acctinfo_field name $nick;
    proxy_pass http://127.0.0.1:1;
}
location = /auth {
    internal;
    return 204;
}
--- request
GET /r
--- error_code: 403
--- response_body_like: "field":"name"


=== a variable in a subrequest tells of the main request
--- config
location /r {
    acctinfo on;
    mirror /copy;
    proxy_pass http://app;
}
location = /copy {
    internal;
    proxy_set_header X-Other "$acctinfo_action";
    proxy_pass http://app/print/;
}
--- request
GET /r?username=jiawo
--- error_log
X-Other: tag
