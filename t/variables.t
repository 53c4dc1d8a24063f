# vi:ft=
# $acctinfo_*: what the log is told.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

run_tests();

__DATA__

=== every variable, rejected
--- http_config
log_format v '<$acctinfo_action|$acctinfo_verdict|$acctinfo_rule|$acctinfo_reason|$acctinfo_flags|$acctinfo_ruleset|$acctinfo_matched>';
--- config
location /r {
    acctinfo on;
    access_log logs/access.log v;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403
--- access_log eval
qr{<reject\|reject\|SUI-0001\|impersonation_official\|-\|[0-9a-f]{12}\|1>}


=== every variable, tagged
--- http_config
log_format v '<$acctinfo_action|$acctinfo_verdict|$acctinfo_rule|$acctinfo_reason|$acctinfo_flags|$acctinfo_matched>';
--- config
location /r {
    acctinfo on;
    acctinfo_flag duplicate_field tag;
    access_log logs/access.log v;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
bio=jiawo&bio=tea
--- access_log
<tag|tag|SUI-0002|contact_info|duplicate_field|1>


=== a flag refuses: the rules said pass
--- http_config
log_format v '<$acctinfo_action|$acctinfo_verdict|$acctinfo_rule|$acctinfo_reason|$acctinfo_flags|$acctinfo_matched>';
--- config
location /r {
    acctinfo on;
    access_log logs/access.log v;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice&username=bob
--- error_code: 400
--- access_log
<reject|pass|-|duplicate_field|duplicate_field|1>


=== dry run
--- http_config
log_format v '<$acctinfo_action|$acctinfo_verdict|$acctinfo_rule|$acctinfo_reason|$acctinfo_matched>';
--- config
location /r {
    acctinfo dry_run;
    access_log logs/access.log v;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- access_log
<pass|reject|SUI-0001|impersonation_official|1>


=== nothing to report
--- http_config
log_format v '<$acctinfo_action|$acctinfo_verdict|$acctinfo_rule|$acctinfo_reason|$acctinfo_flags|$acctinfo_matches|$acctinfo_matched>';
--- config
location /r {
    acctinfo on;
    access_log logs/access.log v;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=alice
--- access_log
<pass|pass|-|-|-|[]|>


=== a match on trial is worth a line
--- http_config
log_format v '<$acctinfo_action|$acctinfo_verdict|$acctinfo_matched>';
--- config
location /r {
    acctinfo on;
    access_log logs/access.log v;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=shichang
--- access_log
<pass|pass|1>


=== access_log ... if=$acctinfo_matched leaves the others out
--- http_config
log_format v '<line $uri $acctinfo_action>';
--- config
access_log logs/access.log v if=$acctinfo_matched;
location /r {
    acctinfo on;
    proxy_pass http://app;
}
--- pipelined_requests eval
["GET /r/a?username=alice", "GET /r/b?username=jiawo"]
--- response_body_like eval
[qr/^mark: action=pass/m, qr/^mark: action=tag/m]
--- access_log
<line /r/b tag>
--- no_access_log
<line /r/a


=== a location that is off has none of them
--- http_config
log_format v '<$acctinfo_action|$acctinfo_record|$acctinfo_time|$acctinfo_id|$acctinfo_matched>';
--- config
location /r {
    access_log logs/access.log v;
    proxy_pass http://app;
}
--- request
GET /r?username=zhongyang
--- access_log
<-|-|-|-|>


=== asked for too early, and right in the log all the same
--- http_config
log_format v '<$early|$acctinfo_action>';
--- config
location /r {
    set $early "early$acctinfo_action";
    acctinfo on;
    access_log logs/access.log v;
    proxy_pass http://app;
}
--- request
GET /r?username=jiawo
--- access_log
<early|tag>


=== the record of a refusal
--- http_config
log_format v escape=none '$acctinfo_record';
--- config
location /r {
    acctinfo on;
    access_log logs/access.log v;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r?secret=argument
username=it+is+zhongyang
--- error_code: 403
--- access_log eval
qr|^\{"action":"reject","rule":"SUI-0001","reason":"impersonation_official","category":"impersonation","evasive":false,"match_count":1,"matches":\[\{"rule":"SUI-0001","field":"name","view":"raw","span":\[6,15\]\}\],"watched":\[\],"flags":\[\],"ruleset":"[0-9a-f]{12}","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d","id":"[0-9a-f]{32}","mode":"on","done":"reject","done_reason":"impersonation_official","status":403,"server":"localhost","method":"POST","uri":"/r","body_bytes":24,"elapsed":\d+\.\d{6}\}$|m


=== the record of a pass
--- http_config
log_format v escape=none '$acctinfo_record';
--- config
location /r {
    acctinfo on;
    access_log logs/access.log v;
    proxy_pass http://app;
}
--- request
GET /r
--- access_log eval
qr|^\{"action":"pass","rule":null,"reason":null,.*"done":"pass","done_reason":null,"status":200,"server":"localhost","method":"GET","uri":"/r","body_bytes":0,|m


=== the record of a dry run tells what would have been
--- http_config
log_format v escape=none '$acctinfo_record';
--- config
location /r {
    acctinfo dry_run;
    access_log logs/access.log v;
    proxy_pass http://app;
}
--- request
GET /r?username=zhongyang
--- access_log eval
qr|^\{"action":"reject",.*"mode":"dry_run","done":"pass","done_reason":"impersonation_official","would":403,"status":200,|m


=== the record after an error page
--- http_config
log_format v escape=none '$acctinfo_record';
--- config
access_log logs/access.log v;
location /r {
    acctinfo on;
    error_page 403 /sorry;
    proxy_pass http://127.0.0.1:1;
}
location /sorry {
    return 200 sorry;
}
--- request
GET /r?username=zhongyang
--- error_code: 403
--- access_log eval
qr|^\{"action":"reject",.*"status":403,"server":"localhost","method":"GET","uri":"/r",|m


=== no record where the body never came to its end
--- http_config
log_format v escape=none '<$status $acctinfo_record>';
--- config
location /r {
    acctinfo on;
    access_log logs/access.log v;
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
--- access_log
<400 >


=== the time in the core
--- http_config
log_format v '<$acctinfo_time>';
--- config
location /r {
    acctinfo on;
    access_log logs/access.log v;
    proxy_pass http://app;
}
--- request
GET /r
--- access_log eval
qr/<\d+\.\d{6}>/


=== nothing of a value reaches the error log, not at debug either
--- config
location /r {
    acctinfo on;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=it+is+zhongyang+qqqsecretqqq
--- error_code: 403
--- no_error_log
zhongyang
qqqsecretqqq
