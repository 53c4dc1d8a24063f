// Java's parsers: Jackson, Tomcat's parameters, Commons FileUpload, which
// Tomcat and Spring have taken over.

import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;

import com.fasterxml.jackson.core.*;
import com.fasterxml.jackson.databind.*;
import org.apache.commons.fileupload.*;
import org.apache.commons.fileupload.util.Streams;
import org.apache.tomcat.util.http.Parameters;

public class Parser {

    static final List<List<String>> out = new ArrayList<>();
    static final ObjectMapper mapper = new ObjectMapper();

    static void add(String who, String key, byte[] value) {
        out.add(List.of(who, key, Base64.getEncoder().encodeToString(value)));
    }

    static void tree(String key, JsonNode n) {
        if (n.isObject()) {
            n.fields().forEachRemaining(
                e -> tree(key + "[" + e.getKey() + "]", e.getValue()));
        } else if (n.isArray()) {
            n.forEach(v -> tree(key + "[]", v));
        } else if (n.isTextual()) {
            add("jackson{}", key, n.textValue().getBytes(StandardCharsets.UTF_8));
        }
    }

    // a tree takes the last of two keys, a stream tells all of them

    static void stream(byte[] body) throws IOException {
        JsonParser p = mapper.getFactory().createParser(body);
        Deque<String> path = new ArrayDeque<>();

        for (JsonToken t = p.nextToken(); t != null; t = p.nextToken()) {
            if (t == JsonToken.VALUE_STRING) {
                StringBuilder key = new StringBuilder();

                for (JsonStreamContext c = p.getParsingContext(); c != null;
                     c = c.getParent())
                {
                    if (c.inObject()) {
                        key.insert(0, "[" + c.getCurrentName() + "]");
                    } else if (c.inArray()) {
                        key.insert(0, "[]");
                    }
                }

                add("jackson{}", key.toString(),
                    p.getText().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    static void form(byte[] body) {
        Parameters p = new Parameters();
        p.setCharset(StandardCharsets.UTF_8);
        p.processParameters(body, 0, body.length);

        Enumeration<String> names = p.getParameterNames();

        while (names.hasMoreElements()) {
            String name = names.nextElement();

            for (String value : p.getParameterValues(name)) {
                add("tomcat", name, value.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    static void parts(String type, byte[] body) throws Exception {
        FileUpload upload = new FileUpload();
        upload.setHeaderEncoding("UTF-8");

        FileItemIterator i = upload.getItemIterator(new UploadContext() {
            public String getCharacterEncoding() { return "UTF-8"; }
            public String getContentType() { return type; }
            public int getContentLength() { return body.length; }
            public long contentLength() { return body.length; }
            public InputStream getInputStream() {
                return new ByteArrayInputStream(body);
            }
        });

        while (i.hasNext()) {
            FileItemStream item = i.next();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            Streams.copy(item.openStream(), bytes, true);

            if (item.getFieldName() != null) {
                add("fileupload", item.getFieldName(), bytes.toByteArray());
            }
        }
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        PrintStream answer = System.out;
        System.setErr(new PrintStream(OutputStream.nullOutputStream()));

        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] p = line.split(" ", 2);
            String type = new String(Base64.getDecoder().decode(p[0]),
                                     StandardCharsets.ISO_8859_1);
            byte[] body = Base64.getDecoder().decode(p.length > 1 ? p[1] : "");
            String essence = type.toLowerCase().split(";", 2)[0].trim();

            out.clear();

            try {
                tree("", mapper.readTree(body));
            } catch (Throwable e) {
                // not parsed: what was yielded before stands
            }

            try {
                stream(body);
            } catch (Throwable e) {
                // likewise
            }

            try {
                if (essence.equals("application/x-www-form-urlencoded")) {
                    form(body);
                } else {
                    parts(type, body);
                }
            } catch (Throwable e) {
                // likewise
            }

            answer.println(mapper.writeValueAsString(out));
            answer.flush();
        }
    }
}
