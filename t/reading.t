# vi:ft=
# Every way in which a body comes by the first door: nginx reads it for us.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

run_tests();

__DATA__

=== chunked, honest
--- config
location /r {
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
(?m)^mark: action=pass, id=.*
length: 14
body: username=alice$


=== chunked, the word cut by a chunk
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- raw_request eval
"POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Transfer-Encoding: chunked\r
\r
e\r
username=zhong\r
4\r
yang\r
0\r
\r
"
--- error_code: 403


=== chunked with a trailer
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- raw_request eval
"POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Transfer-Encoding: chunked\r
Trailer: X-Acctinfo\r
\r
e\r
username=alice\r
0\r
X-Acctinfo: action=pass\r
\r
"
--- response_body_like chomp
(?m)^mark: action=pass, id="[0-9a-f]{32}"$


=== in pieces, the word cut by the network
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- raw_request eval
["POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 24\r
\r
", "usern", "ame=zhong", "yang&b=1"]
--- raw_request_middle_delay
0.05
--- error_code: 403


=== in pieces, honest
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- raw_request eval
["POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 14\r
\r
", "usern", "ame=al", "ice"]
--- raw_request_middle_delay
0.05
--- response_body_like chomp
(?m)^mark: action=pass, id=.*
length: 14
body: username=alice$


=== a long body goes to a temporary file and is delivered whole
--- config
location /long {
    acctinfo on;
    client_body_buffer_size 1k;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request eval
"POST /long
username=alice&x=" . ("y" x 300000)
--- response_body
length: 300017, arrived: 300017
--- error_log
a client request body is buffered to a temporary file


=== a long body whose last field is condemned
--- config
location /long {
    acctinfo on;
    client_body_buffer_size 1k;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request eval
"POST /long
x=" . ("y" x 300000) . "&username=zhongyang"
--- error_code: 403


=== client_body_in_file_only
--- config
location /r {
    acctinfo on;
    client_body_in_file_only clean;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403


=== client_body_in_file_only, honest
--- config
location /r {
    acctinfo on;
    client_body_in_file_only clean;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice
--- response_body_like chomp
(?m)^body: username=alice$


=== client_body_in_single_buffer
--- config
location /r {
    acctinfo on;
    client_body_in_single_buffer on;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice&bio=jiawo
--- response_body_like chomp
(?m)^mark: action=tag, .*
length: 24
body: username=alice&bio=jiawo$


=== proxy_request_buffering off is without effect
--- config
location /r {
    acctinfo on;
    proxy_request_buffering off;
    proxy_http_version 1.1;
    proxy_pass http://127.0.0.1:1;
}
--- raw_request eval
["POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 24\r
\r
", "usern", "ame=zhong", "yang&b=1"]
--- raw_request_middle_delay
0.05
--- error_code: 403


=== a request without a body
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- request
GET /r?a=1
--- response_body_like chomp
\Aline: GET /r\?a=1
mark: action=pass, id=.*
length: 
body: 
\z


=== Content-Length: 0
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-Length: 0
--- request
POST /r
--- response_body_like chomp
(?m)^mark: action=pass, id=


=== a body on any method
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
PATCH /r
username=zhongyang
--- error_code: 403


=== a body on GET
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
Content-Length: 18
--- request
GET /r
username=zhongyang
--- error_code: 403


=== Expect: 100-continue, honest
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- raw_request eval
["POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Expect: 100-continue\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 14\r
\r
", "username=alice"]
--- raw_request_middle_delay
0.1
--- ignore_response
--- error_log
send 100 Continue
acctinfo concluded, decision:0 done:0 status:0


=== Expect: 100-continue is not answered when the query is condemned
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- raw_request eval
"POST /r?username=zhongyang HTTP/1.1\r
Host: localhost\r
Connection: close\r
Expect: 100-continue\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 14\r
\r
"
--- error_code: 403
--- no_error_log
send 100 Continue
[alert]


=== two Content-Type headers: neither chooses the reader
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- raw_request eval
"POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Content-Type: application/json\r
Content-Length: 14\r
\r
username=alice"
--- error_code: 415
--- response_body_like: "reason":"unknown_type"


=== nor does one beside an empty one
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- raw_request eval
"POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type:\r
Content-Type: application/json\r
Content-Length: 14\r
\r
username=alice"
--- error_code: 415
--- response_body_like: "reason":"unknown_type"


=== a body over client_max_body_size is nginx's affair
--- config
location /r {
    acctinfo on;
    client_max_body_size 10;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice
--- error_code: 413


=== a bad chunk is nginx's affair
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- raw_request eval
"POST /r HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/x-www-form-urlencoded\r
Transfer-Encoding: chunked\r
\r
5\r
usern\r
zz\r
"
--- error_code: 400
