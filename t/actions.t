# vi:ft=
# reject, verify, tag and pass, and what the application and the client see.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

run_tests();

__DATA__

=== an honest body is forwarded unchanged, with a mark
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=alice&bio=likes+tea
--- response_body_like chomp
\Aline: POST /r
mark: action=pass, id="[0-9a-f]{32}"
length: 28
body: username=alice&bio=likes\+tea
\z


=== reject: the application is never contacted
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang&bio=tea
--- error_code: 403
--- response_headers
Content-Type: application/problem+json
--- response_body_like chomp
\A\{"type":"about:blank","title":"Forbidden","status":403,"detail":"[^"]+","id":"[0-9a-f]{32}","reason":"impersonation_official","field":"name"\}\n\z
--- no_error_log
connect() failed
[alert]


=== the answer names neither the word nor the rule
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang&bio=tea
--- error_code: 403
--- response_body_unlike: zhongyang|SUI-0001


=== tag: forwarded, and marked
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=alice&bio=jiawo+please
--- response_body_like chomp
(?m)^mark: action=tag, rule="SUI-0002", reason=contact_info, id="[0-9a-f]{32}"$


=== what adds up: tag
--- config
location /r {
    acctinfo on;
    acctinfo_rules $TEST_NGINX_DATA/rules/weights.json;
    proxy_pass http://app;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=alice&bio=payouts+are+fast.+fast+payout
--- response_body_like chomp
(?m)^mark: action=tag, rule="WGH-0001", reason=gambling, id="[0-9a-f]{32}"$


=== what adds up to more: reject
--- config
location /r {
    acctinfo on;
    acctinfo_rules $TEST_NGINX_DATA/rules/weights.json;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=alice&bio=fast+payout,+bonus+5000
--- error_code: 403
--- response_body_like: "reason":"gambling","field":"profile"


=== what does not
--- config
location /r {
    acctinfo on;
    acctinfo_rules $TEST_NGINX_DATA/rules/weights.json;
    proxy_pass http://app;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=payout&bio=fast+bonus
--- response_body_like: (?m)^mark: action=pass, id=


=== verify: refused until the account proves who it is
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=lawyer+li
--- error_code: 403
--- response_body_like: "reason":"verification_required","field":"name"


=== acctinfo_verify forward: the application asks for the proof
--- config
location /r {
    acctinfo on;
    acctinfo_verify forward;
    proxy_pass http://app;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=lawyer+li
--- response_body_like chomp
(?m)^mark: action=tag, said=verify, rule="SUI-0003", reason=occupation_unverified, id="[0-9a-f]{32}"$


=== a trial rule and a rule of a higher level do not act
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=shichang&bio=erji
--- response_body_like chomp
(?m)^mark: action=pass, id=


=== acctinfo_level lets the higher level act
--- config
location /r {
    acctinfo on;
    acctinfo_level 2;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=shichang&bio=erji
--- error_code: 403
--- response_body_like: "field":"profile"


=== acctinfo_rule: the operator's own hand
--- config
location /r {
    acctinfo on;
    acctinfo_rule SUI-0001 SUI-0003 tag;
    acctinfo_rule SUI-0002 off;
    proxy_pass http://app;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang&bio=jiawo
--- response_body_like chomp
(?m)^mark: action=tag, rule="SUI-0001",


=== acctinfo_rule: trial and reject
--- config
location /r {
    acctinfo on;
    acctinfo_rule SUI-0001 trial;
    acctinfo_rule SUI-0002 reject;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang&bio=jiawo
--- error_code: 403
--- response_body_like: "reason":"contact_info","field":"profile"


=== acctinfo_status
--- config
location /r {
    acctinfo on;
    acctinfo_status 422;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 422
--- response_headers
Content-Type: application/problem+json
--- response_body_like: "title":"Unprocessable Content","status":422


=== acctinfo_rules_url
--- config
location /r {
    acctinfo on;
    acctinfo_rules_url https://example.com/rules?l=en&x=1;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403
--- response_body_like: "field":"name","rules":"https://example.com/rules\?l=en&x=1"\}


=== HEAD gets the header of the refusal and no body
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- request
HEAD /r?username=zhongyang
--- error_code: 403
--- response_headers
Content-Type: application/problem+json
--- response_body:


=== a watched argument of a GET
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- request
GET /r?x=1&nickname=zhongyang
--- error_code: 403
--- response_body_like: "reason":"impersonation_official","field":"name"


=== a location that is off
--- config
location /r {
    proxy_pass http://app;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- response_body
line: POST /r
mark: 
length: 18
body: username=zhongyang


=== what is not watched is not inspected
--- config
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- more_headers
Content-type: application/x-www-form-urlencoded
--- request
POST /r
comment=zhongyang
--- response_body_like: (?m)^mark: action=pass, id=
