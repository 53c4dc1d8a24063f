# vi:ft=
# acctinfo off, on, dry_run, $variable; where and for what it is on.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

run_tests();

__DATA__

=== dry run: let through, and marked with what was said
--- config
location /r {
    acctinfo dry_run;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)^mark: action=pass, said=reject, rule="SUI-0001", reason=impersonation_official, id="[0-9a-f]{32}"
length: 18
body: username=zhongyang$


=== dry run of a flag
--- config
location /r {
    acctinfo dry_run;
    proxy_pass http://app;
}
--- more_headers
Content-Type: text/plain
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)^mark: action=pass, said=reject, reason=unknown_type, id=


=== dry run of a tag
--- config
location /r {
    acctinfo dry_run;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=jiawo
--- response_body_like chomp
(?m)^mark: action=pass, said=tag, rule="SUI-0002",


=== a variable says off
--- config
set $mode off;
location /r {
    acctinfo $mode;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)^mark: 
length: 18


=== a variable says dry_run
--- config
set $mode dry_run;
location /r {
    acctinfo $mode;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)^mark: action=pass, said=reject,


=== a variable that says neither means on
--- config
set $mode "of";
location /r {
    acctinfo $mode;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403


=== an empty variable means on
--- config
set $mode "";
location /r {
    acctinfo $mode;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403


=== a roll-out by split_clients
--- http_config
split_clients $request_uri $mode {
    100% on;
    *    off;
}
--- config
location /r {
    acctinfo $mode;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403


=== an inner "off" wins, and its location is not inspected
--- config
acctinfo on;
location /r {
    location /r/off {
        acctinfo off;
        proxy_pass http://app;
    }
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r/off
username=zhongyang
--- response_body_like chomp
(?m)^mark: 
length: 18


=== a nested location inherits
--- config
acctinfo on;
location /r {
    location /r/in {
        proxy_pass http://127.0.0.1:1;
    }
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r/in
username=zhongyang
--- error_code: 403


=== if switches it on
--- config
location /r {
    if ($arg_watch) {
        acctinfo on;
    }
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r?watch=1
username=zhongyang
--- error_code: 403


=== and without its condition it is off
--- config
location /r {
    if ($arg_watch) {
        acctinfo on;
    }
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- response_body_like chomp
(?m)^mark: 
length: 18


=== acctinfo_methods: one that is listed
--- config
location /r {
    acctinfo on;
    acctinfo_methods POST PUT;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
PUT /r
username=zhongyang
--- error_code: 403


=== acctinfo_methods: one that is not
--- config
location /r {
    acctinfo on;
    acctinfo_methods POST PUT;
    proxy_pass http://app;
}
--- request
GET /r?username=zhongyang
--- response_body_like chomp
(?m)^mark: 
length: 


=== acctinfo_methods any lifts the outer list
--- config
acctinfo_methods POST;
location /r {
    acctinfo on;
    acctinfo_methods any;
    proxy_pass http://127.0.0.1:1;
}
--- request
GET /r?username=zhongyang
--- error_code: 403


=== deny and satisfy speak before us
--- config
location /r {
    acctinfo on;
    deny all;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice
--- error_code: 403
--- response_body_unlike: about:blank
--- no_error_log
acctinfo begin
[alert]


=== limit_except
--- config
location /r {
    acctinfo on;
    limit_except POST {
        deny all;
    }
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403
--- response_body_like: about:blank
