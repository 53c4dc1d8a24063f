# vi:ft=
# acctinfo_verified: who the account is known to be, and from whom.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

add_block_preprocessor(sub {
    my $block = shift;

    return if defined $block->must_die;

    # /auth asks an authentication service; what that knows, class and names,
    # stands in the section "account"

    $block->set_value("http_config", ($block->http_config // '') . <<'EOC');
        acctinfo_rules $TEST_NGINX_DATA/rules/verified.json;
        acctinfo_field name username;
EOC

    my ($class, $names) = split /:/, $block->account // '';
    $class //= '';
    $names //= '';

    $block->set_value("config", <<"EOC" . ($block->config // ''));
        location = /auth {
            internal;
            proxy_pass http://app/auth-verified;
            proxy_set_header App-Class "$class";
            proxy_set_header App-Names "$names";
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }
EOC
});

run_tests();

__DATA__

=== nobody is verified: refused
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
--- config
location /r {
    acctinfo on;
    auth_request /auth;
    auth_request_set $class $upstream_http_x_class;
    acctinfo_verified $class;
    proxy_pass http://127.0.0.1:1;
}
--- request
GET /r?username=zhongyang
--- error_code: 403
--- response_body_like: "reason":"impersonation_official"


=== the class excuses from the rules that say so
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
--- account chomp
official
--- config
location /r {
    acctinfo on;
    auth_request /auth;
    auth_request_set $class $upstream_http_x_class;
    acctinfo_verified $class;
    proxy_pass http://app;
}
--- request
GET /r?username=zhongyang
--- response_body_like: (?m)^mark: action=pass,


=== and so in a body
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
--- account chomp
official
--- config
location /r {
    acctinfo on;
    auth_request /auth;
    auth_request_set $class $upstream_http_x_class;
    acctinfo_verified $class;
    proxy_pass http://app;
}
--- more_headers
Content-Type: application/json
--- request
POST /r
{"username":"zhongyang"}
--- response_body_like: (?m)^mark: action=pass,


=== another class excuses from nothing
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
--- account chomp
brand:zhongyang
--- config
location /r {
    acctinfo on;
    auth_request /auth;
    auth_request_set $class $upstream_http_x_class;
    auth_request_set $names $upstream_http_x_names;
    acctinfo_verified $class $names;
    proxy_pass http://127.0.0.1:1;
}
--- request
GET /r?username=zhongyang
--- error_code: 403


=== a name is borne by whom it belongs to, spaces and capitals aside
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
--- account chomp
brand:Oppo, xiaomi ,Vivo
--- config
location /r {
    acctinfo on;
    auth_request /auth;
    auth_request_set $names $upstream_http_x_names;
    acctinfo_verified brand $names;
    proxy_pass http://app;
}
--- request
GET /r?username=XIAOMI
--- response_body_like: (?m)^mark: action=pass,


=== and by nobody else
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
--- account chomp
brand:Oppo,Vivo
--- config
location /r {
    acctinfo on;
    auth_request /auth;
    auth_request_set $names $upstream_http_x_names;
    acctinfo_verified brand $names;
    proxy_pass http://127.0.0.1:1;
}
--- request
GET /r?username=Xiaomi
--- error_code: 403
--- response_body_like: "reason":"impersonation_org"


=== a comma within a name
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
--- config
location /r {
    acctinfo on;
    set $names 'Oppo,Huawei\, Inc';
    acctinfo_verified brand $names;
    proxy_pass http://app;
}
--- request
GET /r?username=Huawei,%20Inc
--- response_body_like: (?m)^mark: action=pass,


=== a backslash within a name
--- account: brand:Back\\\\Slash
--- config
location /r {
    acctinfo on;
    auth_request /auth;
    auth_request_set $class $upstream_http_x_class;
    auth_request_set $names $upstream_http_x_names;
    acctinfo_verified $class $names;
    proxy_pass http://app;
}
--- request
GET /r?username=Back%5CSlash
--- response_body_like: (?m)^mark: action=pass,


=== a class that is written out, and names that came out empty: not verified
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
--- config
location /r {
    acctinfo on;
    auth_request /auth;
    auth_request_set $names $upstream_http_x_names;
    acctinfo_verified official $names;
    proxy_pass http://127.0.0.1:1;
}
--- request
GET /r?username=zhongyang
--- error_code: 403


=== a class that is written out, alone: everybody here
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
--- config
location /r {
    acctinfo on;
    acctinfo_verified official;
    proxy_pass http://app;
}
--- request
GET /r?username=zhongyang
--- response_body_like: (?m)^mark: action=pass,


=== through map
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
map $remote_addr $class { default ""; 127.0.0.1 official; }
--- config
location /r {
    acctinfo on;
    acctinfo_verified $class;
    proxy_pass http://app;
}
--- request
GET /r?username=zhongyang
--- response_body_like: (?m)^mark: action=pass,


=== an inner list replaces the outer, and off is an empty one
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
acctinfo_verified official;
--- config
acctinfo on;
location /r/a {
    proxy_pass http://app;
}
location /r/b {
    acctinfo_verified brand;
    proxy_pass http://127.0.0.1:1;
}
location /r/c {
    acctinfo_verified off;
    proxy_pass http://127.0.0.1:1;
}
--- pipelined_requests eval
[map "GET /r/$_?username=zhongyang", qw(a b c)]
--- error_code eval
[200, 403, 403]


=== after a redirect the account is asked for again
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
--- config
acctinfo on;
location /r {
    set $class "official";
    acctinfo_verified $class;
    error_page 404 = /again;
    proxy_intercept_errors on;
    proxy_pass http://app/404;
}
location = /again {
    set $class "";
    acctinfo_verified $class;
    proxy_pass http://127.0.0.1:1;
}
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request
POST /r
username=zhongyang
--- error_code: 403


=== of very many names only the first count, and the log says so
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
--- config
location /r {
    acctinfo on;
    set $n "a,b,c,d,e,f,g,h,";
    set $names "$n$n$n$n$n$n$n${n}Xiaomi";
    acctinfo_verified brand $names;
    proxy_pass http://127.0.0.1:1;
}
--- request
GET /r?username=Xiaomi
--- error_code: 403
--- error_log
of the names of a verified account only the first 64 count


=== what the client says: a header
--- config
acctinfo_verified $http_x_class;
--- must_die
--- error_log
"acctinfo_verified": "$http_x_class" is what the client says of itself


=== what the client says: an argument, in braces and capitals, as names
--- config
acctinfo_verified official "a,${ARG_names}b";
--- must_die
--- error_log
"acctinfo_verified": "$ARG_names" is what the client says of itself


=== what the client says: a cookie
--- config
acctinfo_verified $cookie_class;
--- must_die
--- error_log
"$cookie_class" is what the client says of itself


=== what the client says: the request line
--- config
acctinfo_verified official $request_uri;
--- must_die
--- error_log
"$request_uri" is what the client says of itself


=== an empty class
--- config
acctinfo_verified "" x;
--- must_die
--- error_log
has an empty class


=== what the client says, through map
--- config
location /r {
    acctinfo on;
    acctinfo_verified $class;
}
--- http_config
map $http_x_role $class { admin official; }
--- must_die
--- error_log eval
qr/"acctinfo_verified" in \S+nginx\.conf:\d+: "map" in \S+nginx\.conf:\d+ fills "\$class" from "\$http_x_role", which is what the client says of itself/


=== through a chain, and a map that stands behind it
--- http_config
map $remote_addr$step $class { default official; }
map "a${second}" $step { default 1; }
split_clients $SOURCE $second { 50% a; * b; }
--- config
acctinfo_verified official $names;
set $names "x,$class";
set $source $cookie_me;
location /r {
    set $source 1;
}
--- must_die
--- error_log
"set" in
fills "$source" from "$cookie_me", which is what the client says of itself


=== through set
--- config
location /r {
    acctinfo_verified $x;
    if ($request_method = POST) {
        set $x $arg_class;
    }
}
--- must_die
--- error_log
fills "$x" from "$arg_class", which is what the client says of itself


=== through auth_request_set
--- config
location /r {
    auth_request /auth;
    auth_request_set $x $http_x_class;
    acctinfo_verified $x;
}
location /auth { return 204; }
--- must_die
--- error_log
"auth_request_set" in
fills "$x" from "$http_x_class", which is what the client says of itself


=== a circle, and what the client says beside it: no harm
--- bare
--- http_config
upstream app { server 127.0.0.1:$TEST_NGINX_APP_PORT; }
map $two $one { default ""; }
map $one $two { default ""; }
map $one$remote_addr $class { ~127 official; }
map $http_x_role $other { default official; }
--- config
location /r {
    acctinfo on;
    acctinfo_verified $class;
    acctinfo_verified other $hostname$request_id;
    proxy_pass http://app;
    set $more $other;
}
--- request
GET /r?username=zhongyang
--- response_body_like: (?m)^mark: action=pass,
