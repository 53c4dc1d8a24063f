# Ruby's parsers: Rack's, which Rails and Sinatra stand on, and JSON.

require 'base64'
require 'json'
require 'rack'
require 'stringio'
require 'timeout'

$stdout.sync = true

def add(out, who, key, value)
  case value
  when Hash
    if value.key?(:tempfile)
      add(out, who, key, value[:tempfile].read)
    else
      value.each { |k, v| add(out, who, "#{key}[#{k}]", v) }
    end
  when Array
    value.each { |v| add(out, who, "#{key}[]", v) }
  when String
    out << [who, key.to_s.dup.force_encoding('UTF-8').scrub,
            Base64.strict_encode64(value)]
  end
end

while (line = $stdin.gets)
  kind, body = line.chomp.split(' ', 2).map { |s| Base64.decode64(s) }
  body ||= ''
  out = []

  begin
    Timeout.timeout(2) do
      env = { 'REQUEST_METHOD' => 'POST', 'CONTENT_TYPE' => kind,
              'CONTENT_LENGTH' => body.bytesize.to_s, 'QUERY_STRING' => '',
              'rack.input' => StringIO.new(body.dup),
              'rack.errors' => StringIO.new }

      Rack::Request.new(env).POST.each { |k, v| add(out, 'rack', k, v) }
    end
  rescue StandardError
    # not parsed: nothing yielded
  end

  begin
    Timeout.timeout(2) do
      add(out, 'ruby{}', '', JSON.parse(body.dup.force_encoding('UTF-8')))
    end
  rescue StandardError
    # likewise
  end

  puts JSON.generate(out)
end
