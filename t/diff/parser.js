// Node's own parsers, and those of npm that can be found: busboy, qs, multer's
// append-field, formidable.

const readline = require('readline');
const querystring = require('querystring');
const { Readable } = require('stream');

function find(name) {
    try { return require(name); } catch (e) { return null; }
}

const busboy = find('busboy');
const qs = find('qs');
const append = find('append-field');
const formidable = find('formidable');
const out = [];

function add(who, key, value) {
    // a number is told as it was written, which no parser can say

    if (typeof value === 'string') {
        out.push([who, key, Buffer.from(String(value)).toString('base64')]);

    } else if (Array.isArray(value)) {
        value.forEach((v) => add(who, key + '[]', v));

    } else if (value && typeof value === 'object') {
        for (const k of Object.keys(value)) add(who, key + '[' + k + ']', value[k]);
    }
}

function tryTo(f) {
    try { f(); } catch (e) { /* not parsed: nothing yielded */ }
}

async function parse(type, body) {
    const text = body.toString('utf8');

    if (/json/i.test(type)) {
        tryTo(() => add('json', '', JSON.parse(text)));
        return;
    }

    if (/urlencoded/i.test(type)) {
        for (const [k, v] of new URLSearchParams(text)) add('url', k, v);
        tryTo(() => { const o = querystring.parse(text); for (const k in o) add('querystring', k, o[k]); });
        if (qs) tryTo(() => { const o = qs.parse(text); for (const k in o) add('qs', k, o[k]); });
        if (qs) tryTo(() => { const o = qs.parse(text, { delimiter: /[;&]/ }); for (const k in o) add('qs;', k, o[k]); });
        if (qs) tryTo(() => { const o = qs.parse(text, { allowDots: true }); for (const k in o) add('qs.', k, o[k]); });
        return;
    }

    try {
        const fd = await new Response(body, { headers: { 'content-type': type } }).formData();
        for (const [k, v] of fd) add('undici', k, typeof v === 'string' ? v : await v.text());
    } catch (e) { /* void */ }

    const headers = { 'content-type': type, 'content-length': String(body.length) };

    if (busboy) {
        await new Promise((resolve) => {
            const timer = setTimeout(resolve, 300);
            const done = () => { clearTimeout(timer); resolve(); };
            try {
                const b = busboy({ headers });
                const o = Object.create(null);
                b.on('field', (k, v) => { add('busboy', k, v); if (append) tryTo(() => append(o, k, v)); });
                b.on('file', (k, s) => { const c = []; s.on('data', (d) => c.push(d)); s.on('end', () => add('busboy', String(k), Buffer.concat(c).toString('utf8'))); s.on('error', () => {}); });
                b.on('error', done); b.on('close', () => { for (const k in o) add('multer', k, o[k]); done(); });
                b.end(body);
            } catch (e) { done(); }
        });
    }

    if (formidable) {
        await new Promise((resolve) => {
            const timer = setTimeout(resolve, 300);
            const done = () => { clearTimeout(timer); resolve(); };
            try {
                const req = Readable.from([body]);
                req.headers = headers;
                const f = formidable({ fileWriteStreamHandler: () => new (require('stream').Writable)({ write(c, e, n) { n(); } }) });
                f.on('field', (k, v) => add('formidable', k, v));
                f.parse(req, done);
            } catch (e) { done(); }
        });
    }
}

process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});

(async () => {
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const [type, body] = line.split(' ').map((s) => Buffer.from(s, 'base64'));
        out.length = 0;
        await parse(type.toString('latin1'), body || Buffer.alloc(0));
        process.stdout.write(JSON.stringify(out) + '\n');
    }
})();
