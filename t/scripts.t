#!/usr/bin/perl

# Neighbours that run scripts, Lua and njs: they read the body before us,
# change it, take it away, or read it after us.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep);
use lib 't/lib';
use PrivateNginx;


my $modules = '/usr/lib/nginx/modules';
my $form = 'application/x-www-form-urlencoded';
my $nginx;


# The modules of the machine are of its own nginx: another one may not load
# them, and then there is nothing to see here.

sub start {
    my ($load, $http) = @_;

    for (@$load) {
        return "there is no $modules/$_" if !-e "$modules/$_";
    }

    undef $nginx;

    $nginx = eval {
        PrivateNginx->new($http, main => join('', map
                              { "load_module $modules/$_;\n" } @$load));
    };

    return if $nginx;
    return 'this nginx does not load them'
        if $@ =~ /is not binary compatible|version \d+ instead of/;

    die $@;
}


sub post {
    my ($uri, $body, $type) = @_;

    return $nginx->raw([ "POST $uri HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                         . 'Content-Type: ' . ($type // $form) . "\r\n"
                         . 'Content-Length: ' . length($body)
                         . "\r\n\r\n$body" ], quiet => 5);
}


my $long = 'x=' . ('y' x 100000);
my $condemned = qr/^HTTP\/1\.1 403 .*"reason":"impersonation_official"/s;


SKIP: {
    my $reason = start([ 'ndk_http_module.so', 'ngx_http_lua_module.so' ],
                       <<'EOC');
        lua_package_path "/usr/share/lua/5.1/?.lua;;";

        server {
            listen 127.0.0.1:%PORT0%;
            client_body_buffer_size 16k;

            location /access {
                access_by_lua_block { ngx.req.read_body() }
                acctinfo on;
                proxy_pass http://app;
            }

            location /rewrite {
                rewrite_by_lua_block { ngx.req.read_body() }
                acctinfo on;
                proxy_pass http://app;
            }

            location /worse {
                access_by_lua_block {
                    ngx.req.read_body()
                    ngx.req.set_body_data("username=zhongyang")
                }
                acctinfo on;
                proxy_pass http://app;
            }

            location /better {
                access_by_lua_block {
                    ngx.req.read_body()
                    ngx.req.set_body_data("username=alice")
                }
                acctinfo on;
                proxy_pass http://app;
            }

            location /args {
                access_by_lua_block {
                    ngx.req.set_uri_args("username=zhongyang")
                }
                acctinfo on;
                proxy_pass http://app;
            }

            location /discard {
                access_by_lua_block { ngx.req.discard_body() }
                acctinfo on;
                proxy_pass http://app;
            }

            location /socket {
                access_by_lua_block {
                    local s = ngx.req.socket()
                    s:receive(9)
                }
                acctinfo on;
                proxy_pass http://app;
            }

            location /exec {
                content_by_lua_block {
                    ngx.req.read_body()
                    ngx.exec("/watched")
                }
            }

            location /named {
                content_by_lua_block {
                    ngx.req.read_body()
                    ngx.exec("@watched")
                }
            }

            location /watched {
                acctinfo on;
                proxy_pass http://app;
            }

            location @watched {
                acctinfo on;
                proxy_pass http://app;
            }

            location /content {
                acctinfo on;
                content_by_lua_block {
                    ngx.req.read_body()
                    ngx.say("mark: ", ngx.req.get_headers()["X-Acctinfo"])
                    ngx.say("body: ", ngx.req.get_body_data())
                }
            }

            location /capture {
                acctinfo on;
                content_by_lua_block {
                    local r = ngx.location.capture("/watched?own=1", {
                        method = ngx.HTTP_POST, body = "username=zhongyang"
                    })
                    ngx.say(r.status, " ", r.body)
                }
            }

            location /log {
                acctinfo on;
                proxy_pass http://app;
                log_by_lua_block {
                    ngx.log(ngx.NOTICE, "in Lua: ", ngx.var.acctinfo_action)
                }
            }
        }
EOC

    skip "Lua: $reason", 1 if $reason;

    for my $uri ('/access', '/rewrite', '/exec', '/named') {
        like(post($uri, 'username=zhongyang'), $condemned,
             "Lua: read before us, $uri, condemned");
        like(post($uri, "$long&username=zhongyang"), $condemned,
             "Lua: the same from a temporary file");

        my $got = post($uri, 'username=alice&bio=jiawo');

        like($got, qr/^mark: action=tag.*^body: username=alice&bio=jiawo$/ms,
             "Lua: read before us, $uri, passes on");
    }

    like(post('/worse', 'username=alice'), $condemned,
         'Lua: the body that counts is the one that goes on');
    like(post('/better', 'username=zhongyang'),
         qr/^mark: action=pass.*^body: username=alice$/ms,
         'Lua: also where it is the better one');
    like(post('/args?a=1', 'bio=tea'), $condemned,
         'Lua: and so with the arguments');

    my $got = post('/discard', 'username=zhongyang');

    like($got, qr/^mark: action=pass.*^body: $/ms,
         'Lua: a body that was thrown away is nobody\'s');

    is(PrivateNginx::statuses(post('/socket', 'username=zhongyang')), 500,
       'Lua: one of which a part was taken is our failure');

    like(post('/content', 'username=alice'),
         qr/^mark: action=pass, id="\w+"\n.*^body: username=alice$/ms,
         'Lua: makes the content, after us');
    like(post('/content', 'username=zhongyang'), $condemned,
         'Lua: and is not asked where we refuse');

    like(post('/capture', 'username=alice'),
         qr/^200 line: POST \/watched\?own=1$/m,
         'Lua: what it sends by itself no client wrote');
    like(post('/capture', 'username=zhongyang'), $condemned,
         'Lua: what the client wrote is read');

    post('/log', 'username=zhongyang');

    my $told = 0;

    for (1 .. 250) {
        last if $told = ($nginx->log() =~ /in Lua: reject/);
        sleep 0.02;
    }

    ok($told, 'Lua: the variables, in its log');
    ok($nginx->log() !~ /\[(?:alert|emerg|crit)\]/,
       'Lua: nothing alarming logged');
}


SKIP: {
    my $reason = start([ 'ngx_http_js_module.so' ], <<'EOC');
        js_path "%DIR%/";
        js_import script from %DATA%/scripts/script.js;
        js_set $from_script script.name;

        server {
            listen 127.0.0.1:%PORT0%;
            client_body_buffer_size 16k;

            location /content {
                acctinfo on;
                js_content script.content;
            }

            location /redirect {
                js_content script.redirect;
            }

            location /subrequest {
                acctinfo on;
                js_content script.subrequest;
            }

            location /watched {
                acctinfo on;
                proxy_pass http://app;
            }

            location /wire {
                acctinfo on;
                acctinfo_field name $from_script;
                proxy_pass http://app;
            }

            location /filter {
                acctinfo on;
                js_header_filter script.header;
                proxy_pass http://app;
            }
        }
EOC

    skip "njs: $reason", 1 if $reason;

    like(post('/content', 'username=alice'),
         qr/^mark: action=pass, id="\w+"\nbody: username=alice$/m,
         'njs: makes the content, after us');
    like(post('/content', 'username=zhongyang'), $condemned,
         'njs: and is not asked where we refuse');

    like(post('/redirect', 'username=zhongyang'), $condemned,
         'njs: read before us, condemned');
    like(post('/redirect', 'username=alice&bio=jiawo'),
         qr/^mark: action=tag, rule="SUI-0002".*^body: username=alice/ms,
         'njs: read before us, passes on');

    like(post('/subrequest', 'username=alice'),
         qr/^200 line: POST \/watched\?own=1$/m,
         'njs: what it sends by itself no client wrote');
    like(post('/subrequest', 'username=zhongyang'), $condemned,
         'njs: what the client wrote is read');

    like(post('/wire?who=zhongyang', 'a=1'), $condemned,
         'njs: a variable of its own is a wire');
    like(post('/wire?who=alice', 'a=1'), qr/^mark: action=pass/m,
         'njs: also with an honest value');

    like(post('/filter', 'username=zhongyang'),
         qr/^HTTP\/1\.1 403 .*\r\nX-Script: reject\r\n.*"reason"/s,
         'njs: its filter sees our answer');

    ok($nginx->log() !~ /\[(?:alert|emerg|crit)\]/,
       'njs: nothing alarming logged');
}

done_testing();
