# vi:ft=
# What a refused person is told: a page or a problem, and in which language.

use Test::Nginx::Socket 'no_plan';
use Acctinfo;

add_block_preprocessor(sub {
    my $block = shift;

    return if defined $block->must_die;

    $block->set_value("config", ($block->config // '') . <<'EOC');
        location /r {
            acctinfo on;
            acctinfo_rules_url https://example.com/rules?a=1&b=2;
            proxy_pass http://127.0.0.1:1;
        }
EOC

    $block->set_value("request", "GET /r?username=zhongyang")
        unless defined $block->request;
    $block->set_value("error_code", "403") unless defined $block->error_code;
});

run_tests();

__DATA__

=== nothing is asked for: a problem, in English
--- response_headers
Content-Type: application/problem+json
Content-Language: en
Vary: Accept, Accept-Language
--- response_body_like: "status":403,"detail":"It could be taken for an authority or its staff\.


=== a browser's form: a page
--- more_headers
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8
--- response_headers
Content-Type: text/html; charset=utf-8
Content-Language: en
--- response_body_like chomp
\A<!DOCTYPE html>
<html lang="en">.*<h1>This was not accepted</h1>
<p>It could be taken for an authority or its staff\. Please choose something else\.</p>
<p><a href="https://example\.com/rules\?a=1&amp;b=2">The rules for names and profiles</a></p>
<p><small>[0-9a-f]{32}</small></p>
</body></html>
\z


=== the page has neither word nor rule
--- more_headers
Accept: text/html
--- response_body_unlike: zhongyang|SUI-0001


=== a script asks for JSON
--- more_headers
Accept: application/json, text/html
--- response_headers
Content-Type: application/problem+json


=== anything: a problem
--- more_headers
Accept: */*
--- response_headers
Content-Type: application/problem+json


=== weights
--- more_headers
Accept: text/html;q=0.4, application/problem+json;q=0.5
--- response_headers
Content-Type: application/problem+json


=== a weight that is not one
--- more_headers
Accept: text/html;q=high, */*;q=0.1
--- response_headers
Content-Type: application/problem+json


=== a weight beyond one
--- more_headers
Accept: text/html;q=1.5, */*;q=0.1
--- response_headers
Content-Type: application/problem+json


=== a more specific range counts, wherever it stands
--- more_headers
Accept: text/*;q=0.9, text/html;q=0.1, application/*;q=0.5
--- response_headers
Content-Type: application/problem+json


=== of a family
--- more_headers
Accept: text/*, */*;q=0.1
--- response_headers
Content-Type: text/html; charset=utf-8


=== Chinese, in a problem
--- more_headers
Accept-Language: zh-CN,zh;q=0.9,en;q=0.8
--- response_headers
Content-Language: zh-CN
--- response_body_like: "detail":"可能被误认为政府机关或其工作人员，请更换。"


=== Chinese, in a page
--- more_headers
Accept: text/html
Accept-Language: zh
--- response_body_like: <html lang="zh-CN">[^\0]*<p>可能被误认为


=== English is asked for more
--- more_headers
Accept-Language: zh;q=0.3, en-US;q=0.7
--- response_headers
Content-Language: en


=== a language that there is not, then one that there is
--- more_headers
Accept-Language: fr, ZH-cn;q=0.1
--- response_headers
Content-Language: zh-CN


=== a range that only begins alike
--- more_headers
Accept-Language: z, zhx, zh-C
--- response_headers
Content-Language: en


=== none that there is
--- more_headers
Accept-Language: fr, zhx
--- response_headers
Content-Language: en


=== one that is not wanted
--- more_headers
Accept-Language: zh-CN;q=0
--- response_headers
Content-Language: en


=== a flag
--- request
GET /r?username=a&username=b
--- error_code: 400
--- response_body_like: "detail":"The request could not be read\.


=== the operator's file: its first language for everybody else
--- http_config
acctinfo_messages $TEST_NGINX_DATA/messages/site.txt;
--- more_headers
Accept-Language: zh-CN
--- response_headers
Content-Language: de
--- response_body_like: "detail":"Bitte <ändern> & \\"nochmals\\" versuchen\."


=== the operator's file: texts are escaped in a page
--- http_config
acctinfo_messages $TEST_NGINX_DATA/messages/site.txt;
--- more_headers
Accept: text/html
--- response_body_like: <p>Bitte &lt;ändern&gt; &amp; &quot;nochmals&quot; versuchen\.</p>\n<p><a href="[^"]*">Regeln</a>


=== the operator's file: a more general range finds it
--- http_config
acctinfo_messages $TEST_NGINX_DATA/messages/site.txt;
--- more_headers
Accept-Language: en
--- response_headers
Content-Language: en-GB
--- response_body_like: "detail":"Please change it\."


=== error_page is the operator's, whatever is accepted
--- config
error_page 403 /sorry;
location /sorry {
    return 200 "sorry\n";
}
--- more_headers
Accept: text/html
--- response_body
sorry
--- raw_response_headers_unlike: Content-Language


=== a line that is no message
--- http_config
acctinfo_messages $TEST_NGINX_DATA/messages/line.txt;
--- config
--- must_die
--- error_log eval
qr{line 3 of "\S+line\.txt" is no message}


=== bytes that are no UTF-8
--- http_config
acctinfo_messages $TEST_NGINX_DATA/messages/bytes.txt;
--- config
--- must_die
--- error_log eval
qr{line 2 of "\S+bytes\.txt" is no message}


=== a message of no language
--- http_config
acctinfo_messages $TEST_NGINX_DATA/messages/outside.txt;
--- config
--- must_die
--- error_log eval
qr{line 1 of "\S+outside\.txt" is no message}


=== half a bracket
--- http_config
acctinfo_messages $TEST_NGINX_DATA/messages/bracket.txt;
--- config
--- must_die
--- error_log eval
qr{line 1 of "\S+bracket\.txt" is no message}


=== no message at all
--- http_config
acctinfo_messages $TEST_NGINX_DATA/messages/none.txt;
--- config
--- must_die
--- error_log
there are no messages in "


=== a file that is not there
--- http_config
acctinfo_messages $TEST_NGINX_DATA/messages/missing.txt;
--- config
--- must_die
--- error_log
messages/missing.txt" failed
