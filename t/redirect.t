# vi:ft=
# The second door: a body that was read before our turn is replayed.  And what
# internal redirects do to a verdict.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

run_tests();

__DATA__

=== 502 to a named location: replay from memory
--- config
location /r {
    proxy_pass http://127.0.0.1:1;
    error_page 502 = @app;
}
location @app {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice&bio=jiawo
--- response_body_like chomp
(?m)^line: POST /r
mark: action=tag, rule="SUI-0002".*
length: 24
body: username=alice&bio=jiawo$
--- error_log
acctinfo replayed:24
--- no_error_log
[alert]
acctinfo body


=== replay from memory, condemned
--- config
location /r {
    proxy_pass http://127.0.0.1:1;
    error_page 502 = @app;
}
location @app {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403
--- response_body_like: "reason":"impersonation_official"


=== replay from a temporary file, in slices, condemned by the last byte
--- config
location /r {
    client_body_buffer_size 1k;
    proxy_pass http://127.0.0.1:1;
    error_page 502 = @app;
}
location @app {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request eval
"POST /r
x=" . ("y" x 300000) . "&username=zhongyang"
--- error_code: 403
--- error_log
acctinfo replayed:300021
--- grep_error_log: acctinfo replay goes on
--- grep_error_log_out
acctinfo replay goes on
acctinfo replay goes on
acctinfo replay goes on
acctinfo replay goes on


=== replay from a temporary file, honest, delivered whole
--- config
location /long {
    client_body_buffer_size 1k;
    proxy_pass http://127.0.0.1:1;
    error_page 502 = @app;
}
location @app {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request eval
"POST /long
username=alice&x=" . ("y" x 300000)
--- response_body
length: 300017, arrived: 300017


=== replay of a body that came chunked
--- config
location /r {
    proxy_pass http://127.0.0.1:1;
    error_page 502 = @app;
}
location @app {
    acctinfo on;
    proxy_pass http://app;
}
--- raw_request eval
"POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Transfer-Encoding: chunked\r
\r
4\r
user\r
a\r
name=alice\r
0\r
\r
"
--- response_body_like chomp
(?m)^mark: action=pass.*
length: 14
body: username=alice$


=== replay with client_body_in_file_only
--- config
location /r {
    client_body_in_file_only clean;
    proxy_pass http://127.0.0.1:1;
    error_page 502 = @app;
}
location @app {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403


=== X-Accel-Redirect into a watched location: the method is GET, the body there
--- config
location /accel {
    proxy_pass http://app;
}
location /inner {
    internal;
    acctinfo on;
    acctinfo_methods POST;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /accel
username=zhongyang
--- error_code: 403
--- response_body_like: "reason":"impersonation_official"


=== X-Accel-Redirect, honest
--- config
location /accel {
    proxy_pass http://app;
}
location /inner {
    internal;
    acctinfo on;
    proxy_pass http://app/r;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /accel
username=alice
--- response_body_like chomp
(?m)^mark: action=pass


=== a named location with the same settings does not inspect again
--- config
acctinfo on;
location /r {
    proxy_pass http://127.0.0.1:1;
    error_page 502 = @app;
}
location @app {
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


=== a named location with other settings does
--- config
location /r {
    acctinfo dry_run;
    proxy_pass http://127.0.0.1:1;
    error_page 502 = @app;
}
location @app {
    acctinfo on;
    acctinfo_rule SUI-0002 reject;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice&bio=jiawo
--- error_code: 403
--- grep_error_log: acctinfo begin
--- grep_error_log_out
acctinfo begin
acctinfo begin


=== the same rules, but no longer a dry run
--- config
location /r {
    acctinfo dry_run;
    proxy_pass http://127.0.0.1:1;
    error_page 502 = @app;
}
location @app {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403
--- grep_error_log: acctinfo begin
--- grep_error_log_out
acctinfo begin


=== try_files visits three times, and one mark is pushed
--- config
acctinfo on;
location /headers {
    try_files /none1 /none2 @app;
}
location @app {
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /headers
username=alice&bio=jiawo
--- response_body_like chomp
\A1 action=tag, rule="SUI-0002", reason=contact_info, id="[0-9a-f]{32}"
2 
3 
\z
--- grep_error_log eval: qr/acctinfo begin|http proxy header: "X-Acctinfo/
--- grep_error_log_out
acctinfo begin
http proxy header: "X-Acctinfo


=== rewrite ... last
--- config
location /r {
    rewrite ^ /watched last;
}
location /watched {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403


=== a body read unbuffered and gone is our failure, not a pass
--- config
location /accel {
    proxy_request_buffering off;
    proxy_http_version 1.1;
    proxy_pass http://app;
}
location /inner {
    internal;
    acctinfo on;
    proxy_pass http://app;
}
--- raw_request eval
["POST /accel HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 200018\r
\r
", "username=zhongyang", "&" x 200000]
--- raw_request_middle_delay
0.05
--- error_code: 500
--- response_body_like: "status":500,.*"reason":"failure"
--- error_log
acctinfo failed: body


=== read to its end, unbuffered, and gone
--- config
location /accel-late {
    proxy_request_buffering off;
    proxy_http_version 1.1;
    proxy_pass http://app;
}
location /inner {
    internal;
    acctinfo on;
    proxy_pass http://app;
}
--- raw_request eval
["POST /accel-late HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 200018\r
\r
", "username=zhongyang", "&" x 200000]
--- raw_request_middle_delay
0.05
--- error_code: 500
--- response_body_like: "reason":"failure"
--- error_log
acctinfo failed: body


=== the same, chunked
--- config
location /accel-late {
    proxy_request_buffering off;
    proxy_http_version 1.1;
    proxy_pass http://app;
}
location /inner {
    internal;
    acctinfo on;
    proxy_pass http://app;
}
--- raw_request eval
["POST /accel-late HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Transfer-Encoding: chunked\r
\r
", "12\r\nusername=zhongyang\r\n", "30d40\r\n" . "&" x 200000 . "\r\n", "0\r\n\r\n"]
--- raw_request_middle_delay
0.05
--- error_code: 500
--- response_body_like: "reason":"failure"
--- error_log
acctinfo failed: body


=== the same with acctinfo_failure pass: let through, and marked
--- config
location /accel {
    proxy_request_buffering off;
    proxy_http_version 1.1;
    proxy_pass http://app;
}
location /inner {
    internal;
    acctinfo on;
    acctinfo_failure pass;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_pass http://app/headers;
}
--- raw_request eval
["POST /accel HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 200018\r
\r
", "username=zhongyang", "&" x 200000]
--- raw_request_middle_delay
0.05
--- response_body_like chomp
(?m)\A1 action=pass, failure=body, id="[0-9a-f]{32}"$
--- error_log
acctinfo failed: body


=== but an account that must prove itself does so, whatever failed after
--- config
location /accel {
    proxy_request_buffering off;
    proxy_http_version 1.1;
    proxy_pass http://app/accel-verify;
}
location /inner {
    internal;
    acctinfo on;
    acctinfo_failure pass;
    proxy_pass http://127.0.0.1:1;
}
--- raw_request eval
["POST /accel HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 200018\r
\r
", "username=alice", "&" x 200004]
--- raw_request_middle_delay
0.05
--- error_code: 403
--- response_body_like: "reason":"verification_required"
--- error_log
acctinfo failed: body


=== but what the query has condemned is refused
--- config
location /accel {
    proxy_request_buffering off;
    proxy_http_version 1.1;
    proxy_pass http://app/accel-args;
}
location /inner {
    internal;
    acctinfo on;
    acctinfo_failure pass;
    proxy_pass http://127.0.0.1:1;
}
--- raw_request eval
["POST /accel HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 200018\r
\r
", "username=alice", "&" x 200004]
--- raw_request_middle_delay
0.05
--- error_code: 403


=== post_action gets the body after the answer, from a file too
--- config
location /r {
    acctinfo on;
    client_body_in_file_only clean;
    post_action @after;
    proxy_pass http://app;
}
location @after {
    acctinfo on;
    acctinfo_rule SUI-0001 tag;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice
--- response_body_like: mark: action=pass
--- wait: 0.2
--- error_log
acctinfo replayed:14
--- no_error_log
[crit]
[alert]
acctinfo failed
