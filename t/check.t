# vi:ft=
# acctinfo_check: "may I have this name?"

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

run_tests();

__DATA__

=== a name that is free
--- config
location = /check {
    acctinfo_check;
}
--- request
GET /check?username=alice
--- response_headers
Content-Type: application/json
Cache-Control: no-store
Content-Language: en
Vary: Accept-Language
--- response_body_like: \A\{"action":"pass","id":"[0-9a-f]{32}"\}\n\z


=== no watched field: nothing was judged, and that can be seen
--- config
location = /check {
    acctinfo_check;
}
--- more_headers
Content-Type: application/json
--- request
POST /check?usrname=zhongyang
{"usrname": "zhongyang"}
--- response_body_like: \A\{"action":"pass","fields":0,"id":"[0-9a-f]{32}"\}\n\z


=== in the language of whoever asks
--- config
location = /check {
    acctinfo_check;
}
--- more_headers
Accept-Language: zh-TW, zh;q=0.9, en;q=0.5
--- request
GET /check?username=zhongyang
--- response_headers
Content-Language: zh-CN
--- response_body_like: "detail":"可能被误认为政府机关或其工作人员，请更换。"


=== what will be taken needs no word
--- config
location = /check {
    acctinfo_check;
}
--- request
GET /check?bio=jiawo
--- response_body_like: \A\{"action":"tag","reason":"contact_info","field":"profile","id":"[0-9a-f]{32}"\}\n\z


=== a name that is not: the status is 200, and neither word nor rule is told
--- config
location = /check {
    acctinfo_check;
    acctinfo_rules_url https://example.com/rules;
}
--- request
GET /check?username=it+is+zhongyang
--- error_code: 200
--- response_body_like: \A\{"action":"reject","reason":"impersonation_official","field":"name","detail":"It could be taken for an authority or its staff. Please choose something else.","id":"[0-9a-f]{32}","rules":"https://example.com/rules"\}\n\z


=== in a body
--- config
location = /check {
    acctinfo_check;
}
--- more_headers
Content-Type: application/json
--- request
POST /check
{"username": "zhongyang", "x": 1}
--- error_code: 200
--- response_body_like: "action":"reject","reason":"impersonation_official","field":"name"


=== in a body that is condemned in its middle; the connection stays in use
--- config
location = /check {
    acctinfo_check;
}
--- raw_request eval
["POST /check HTTP/1.1\r
Host: localhost\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 39\r
\r
username=zhongyang&bio=tea", "&more=1234567GET /check?username=alice HTTP/1.1\r
Host: localhost\r
Connection: close\r
\r
"]
--- raw_request_middle_delay: 0.2
--- ignore_response
--- access_log eval
qr{"POST /check HTTP/1.1" 200 .*\n.*"GET /check\?username=alice HTTP/1.1" 200}


=== tag and verify
--- config
location = /a {
    acctinfo_check;
}
--- pipelined_requests eval
["GET /a?bio=jiawo", "GET /a?username=lawyer"]
--- response_body_like eval
[qr/^\{"action":"tag","reason":"contact_info","field":"profile","id"/,
 qr/^\{"action":"verify","reason":"verification_required","field":"name","detail":"This is open to verified/]


=== acctinfo_verify forward: what would be done is a tag
--- config
location = /a {
    acctinfo_verify forward;
    acctinfo_check;
}
--- request
GET /a?username=lawyer
--- response_body_like: ^\{"action":"tag","reason":"occupation_unverified","field":"name","id"


=== dry run lets it pass
--- config
acctinfo dry_run;
location = /a {
    acctinfo_check;
}
--- request
GET /a?username=zhongyang
--- response_body_like: \A\{"action":"pass","id":"[0-9a-f]{32}"\}\n\z


=== a flag
--- config
location = /a {
    acctinfo_check;
}
--- request
GET /a?username=alice&username=bob
--- response_body_like: ^\{"action":"reject","reason":"duplicate_field","detail":"The request could not be read


=== it is recorded like any other
--- http_config
log_format v escape=none '$acctinfo_record';
--- config
location = /a {
    acctinfo_check;
    access_log logs/access.log v;
}
--- request
GET /a?username=zhongyang
--- access_log eval
qr|^\{"action":"reject","rule":"SUI-0001",.*"mode":"on","done":"reject","done_reason":"impersonation_official","status":200,.*"uri":"/a",|m


=== off by a variable: nobody would be refused
--- config
location = /a {
    acctinfo $arg_mode;
    acctinfo_check;
}
--- pipelined_requests eval
["GET /a?mode=off&username=zhongyang", "GET /a?mode=on&username=zhongyang"]
--- response_body_like eval
[qr/^\{"action":"pass","id"/, qr/^\{"action":"reject"/]


=== a method that is not inspected has no answer
--- config
location = /a {
    acctinfo_methods POST;
    acctinfo_check;
}
--- request
GET /a?username=zhongyang
--- error_code: 405


=== what another location refused is no answer of this one
--- config
location /r {
    acctinfo on;
    error_page 403 =200 /check;
}
location /check {
    acctinfo_check;
}
--- request
GET /r?username=zhongyang
--- error_code: 405
--- response_body_unlike: "action"


=== HEAD has no body
--- config
location = /a {
    acctinfo_check;
}
--- request
HEAD /a?username=zhongyang
--- response_headers
Content-Type: application/json
--- response_body:


=== behind limit_req
--- http_config
limit_req_zone $binary_remote_addr zone=check:32k rate=1r/m;
--- config
location = /a {
    limit_req zone=check;
    limit_req_status 429;
    acctinfo_check;
}
--- pipelined_requests eval
["GET /a?username=zhongyang", "GET /a?username=zhongyang"]
--- error_code eval
[200, 429]


=== where acctinfo is off
--- config
location = /a {
    acctinfo off;
    acctinfo_check;
}
--- must_die
--- error_log
"acctinfo_check" stands where "acctinfo" is off


=== without rules
--- bare
--- http_config
acctinfo_field name username;
--- config
location = /a {
    acctinfo_check;
}
--- must_die
--- error_log
"acctinfo" is on without "acctinfo_rules" in location "/a"
