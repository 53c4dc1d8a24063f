# vi:ft=
# The operator's error_page: it wins over our answer, and cannot deliver what
# was refused.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

run_tests();

__DATA__

=== error_page 403 = @app gets neither the body nor its length
--- config
location /r {
    acctinfo on;
    error_page 403 = @app;
    proxy_pass http://127.0.0.1:1;
}
location @app {
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)\Aline: POST /r
mark: action=reject, rule="SUI-0001", .*
length: 0?
body: 
\z


=== the same with "acctinfo on" inherited by the page
--- config
acctinfo on;
location /r {
    error_page 403 = @app;
    proxy_pass http://127.0.0.1:1;
}
location @app {
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)\Aline: POST /r
mark: action=reject, rule="SUI-0001", .*
length: 0?
body: 
\z
--- grep_error_log: acctinfo begin
--- grep_error_log_out
acctinfo begin


=== refused early, chunked
--- config
location /r {
    acctinfo on;
    error_page 403 = @app;
    proxy_pass http://127.0.0.1:1;
}
location @app {
    proxy_pass http://app;
}
--- raw_request eval
["POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Transfer-Encoding: chunked\r
\r
13\r
username=zhongyang&\r
", "400\r
"]
--- raw_request_middle_delay
0.1
--- response_body_like chomp
(?m)\Aline: POST /r
mark: action=reject, rule="SUI-0001", .*
length: 0?
body: 
\z


=== refused early, with a length
--- config
location /r {
    acctinfo on;
    error_page 403 = @app;
    proxy_pass http://127.0.0.1:1;
}
location @app {
    proxy_pass http://app;
}
--- raw_request eval
["POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 2000\r
\r
username=zhongyang&", "x=1"]
--- raw_request_middle_delay
0.1
--- response_body_like chomp
(?m)\Aline: POST /r
mark: action=reject, rule="SUI-0001", .*
length: 0?
body: 
\z


=== after a replay
--- config
recursive_error_pages on;
location /r {
    proxy_pass http://127.0.0.1:1;
    error_page 502 = @watched;
}
location @watched {
    acctinfo on;
    error_page 403 = @app;
    proxy_pass http://127.0.0.1:1;
}
location @app {
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)\Aline: POST /r
mark: action=reject, rule="SUI-0001", .*
length: 0?
body: 
\z


=== nor is a body in memory to be had as a variable
--- config
location /r {
    acctinfo on;
    error_page 403 = @app;
    proxy_pass http://127.0.0.1:1;
}
location @app {
    rewrite ^ /headers break;
    proxy_set_header X-Other "body $request_body.";
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)^3 body \.$


=== a body in a file is not told of either
--- config
location /r {
    acctinfo on;
    client_body_in_file_only clean;
    error_page 403 = @app;
    proxy_pass http://127.0.0.1:1;
}
location @app {
    rewrite ^ /headers break;
    proxy_set_header X-Other "file $request_body_file, body $request_body";
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)^3 file , body ?$


=== what the query held is not delivered
--- config
location /r {
    acctinfo on;
    error_page 403 = @app;
    proxy_pass http://127.0.0.1:1;
}
location @app {
    proxy_pass http://app;
}
--- request
GET /r?a=1&username=zhongyang
--- response_body_like chomp
(?m)\Aline: GET /r$


=== a URI: the page is the operator's, not our JSON
--- config
location /r {
    acctinfo on;
    error_page 403 /sorry;
    proxy_pass http://127.0.0.1:1;
}
location /sorry {
    default_type text/html;
    return 200 "sorry, $acctinfo_reason";
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403
--- response_headers
Content-Type: text/html
--- response_body chomp
sorry, impersonation_official


=== a URI with recursive_error_pages
--- config
recursive_error_pages on;
location /r {
    acctinfo on;
    error_page 403 /sorry;
    proxy_pass http://127.0.0.1:1;
}
location /sorry {
    default_type text/html;
    return 200 "sorry";
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403
--- response_body chomp
sorry


=== error_page turns the status into another
--- config
location /r {
    acctinfo on;
    error_page 403 =422 /sorry;
    proxy_pass http://127.0.0.1:1;
}
location /sorry {
    return 200 "sorry";
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 422
--- response_body chomp
sorry


=== an error page for our failures too
--- config
location /r {
    acctinfo on;
    error_page 415 /sorry;
    proxy_pass http://127.0.0.1:1;
}
location /sorry {
    return 200 "sorry, $acctinfo_reason";
}
--- more_headers
Content-Type: text/plain
--- request
POST /r
username=alice
--- error_code: 415
--- response_body chomp
sorry, unknown_type


=== a page of the application's for an answer of its own is not touched
--- config
location /404 {
    acctinfo on;
    proxy_pass http://app;
}
--- request
GET /404
--- error_code: 404
--- response_body_unlike: about:blank
