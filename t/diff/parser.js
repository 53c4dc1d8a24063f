// Node's own parsers, and those of npm: busboy, Fastify's busboy, qs, multer's
// append-field, formidable, multiparty, Express's body-parser.  One that cannot
// be found is an error.

const readline = require('readline');
const querystring = require('querystring');
const { Readable, Writable } = require('stream');

const busboy = require('busboy');
const fastify = require('@fastify/busboy');
const qs = require('qs');
const append = require('append-field');
const { formidable } = require('formidable');
const multiparty = require('multiparty');
const express = require('body-parser');

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

// a parser that calls back, in a third of a second

function wait(f) {
    return new Promise((resolve) => {
        const timer = setTimeout(resolve, 300);
        const done = () => { clearTimeout(timer); resolve(); };
        try { f(done); } catch (e) { done(); }
    });
}

function request(headers, body) {
    const req = Readable.from(body.length ? [body] : []);
    req.headers = headers;
    req.method = 'POST';
    return req;
}

const middleware = {
    'express': express.urlencoded({ extended: true }),
    'express-': express.urlencoded({ extended: false }),
    'express{}': express.json({ strict: false })
};

async function byExpress(who, headers, body) {
    await wait((done) => {
        const req = request(headers, body);
        middleware[who](req, {}, () => {
            const o = req.body;
            if (who === 'express{}') add(who, '', o);
            else if (o) for (const k in o) add(who, k, o[k]);
            done();
        });
    });
}

async function byFormidable(headers, body) {
    await wait((done) => {
        const f = formidable({ fileWriteStreamHandler: () => new Writable({ write(c, e, n) { n(); } }) });
        f.on('field', (k, v) => add('formidable', k, v));
        f.parse(request(headers, body), (err, fields) => {
            if (/json/i.test(headers['content-type'])) add('formidable{}', '', fields);
            done();
        });
    });
}

// an application that copies what was sent into an object of its own

function assigned(o) {
    if (!o || typeof o !== 'object' || Array.isArray(o)) return;
    const own = Object.assign({}, o);
    for (const k of ['name', 'username', 'signature']) add('assign{}', '[' + k + ']', own[k]);
    if (own.user && typeof own.user === 'object') {
        add('assign{}', '[user][name]', Object.assign({}, own.user).name);
    }
}

function collect(who, key, stream) {
    const c = [];
    stream.on('data', (d) => c.push(d));
    stream.on('end', () => add(who, String(key), Buffer.concat(c).toString('utf8')));
    stream.on('error', () => {});
}

async function parse(type, body) {
    const text = body.toString('utf8');
    const headers = { 'content-type': type, 'content-length': String(body.length) };

    // some look at the type themselves, and some applications do not

    tryTo(() => add('json{}', '', JSON.parse(text)));
    tryTo(() => assigned(JSON.parse(text)));

    for (const who of Object.keys(middleware)) await byExpress(who, headers, body);

    await byFormidable(headers, body);

    if (/^application\/x-www-form-urlencoded$/i.test(type.split(';')[0].trim())) {
        for (const [k, v] of new URLSearchParams(text)) add('url', k, v);
        tryTo(() => { const o = querystring.parse(text); for (const k in o) add('querystring', k, o[k]); });
        tryTo(() => { const o = qs.parse(text); for (const k in o) add('qs', k, o[k]); });
        tryTo(() => { const o = qs.parse(text, { delimiter: /[;&]/ }); for (const k in o) add('qs;', k, o[k]); });
        tryTo(() => { const o = qs.parse(text, { allowDots: true }); for (const k in o) add('qs.', k, o[k]); });
        return;
    }

    if (!/multipart/i.test(type)) return;

    try {
        const fd = await new Response(body, { headers: { 'content-type': type } }).formData();
        for (const [k, v] of fd) add('undici', k, typeof v === 'string' ? v : await v.text());
    } catch (e) { /* void */ }

    await wait((done) => {
        const b = busboy({ headers });
        const o = Object.create(null);
        b.on('field', (k, v) => { add('busboy', k, v); tryTo(() => append(o, k, v)); });
        b.on('file', (k, s) => collect('busboy', k, s));
        b.on('error', done);
        b.on('close', () => { for (const k in o) add('multer', k, o[k]); done(); });
        b.end(body);
    });

    await wait((done) => {
        const b = new fastify.Busboy({ headers });
        b.on('field', (k, v) => add('fastify', String(k), v));
        b.on('file', (k, s) => collect('fastify', k, s));
        b.on('error', done);
        b.on('finish', done);
        b.end(body);
    });

    await wait((done) => {
        const f = new multiparty.Form();
        f.on('part', (p) => { collect('multiparty', p.name, p); });
        f.on('error', done);
        f.on('close', done);
        f.parse(request(headers, body));
    });
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
