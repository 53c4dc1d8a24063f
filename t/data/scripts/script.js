function name(r) {
    return r.args.who || '';
}

function content(r) {
    r.return(200, `mark: ${r.headersIn['X-Acctinfo']}\n`
                  + `body: ${r.requestText}\n`);
}

function redirect(r) {
    var length = (r.requestText || '').length;

    r.internalRedirect('/watched?length=' + length);
}

function subrequest(r) {
    r.subrequest('/watched', { method: 'POST', args: 'own=1',
                               body: 'username=zhongyang' },
                 reply => r.return(200, `${reply.status} ${reply.responseText}`));
}

function header(r) {
    r.headersOut['X-Script'] = r.variables.acctinfo_action;
}

export default { name, content, redirect, subrequest, header };
