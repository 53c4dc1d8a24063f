<?php
// PHP's own parsers, behind its built-in server.

function add(&$out, $who, $key, $value) {
    if (is_array($value)) {
        foreach ($value as $k => $v) add($out, $who, $key . '[' . $k . ']', $v);
    } elseif (is_string($value)) {
        $out[] = [$who, $key, base64_encode($value)];
    }
}

$out = [];

$o = json_decode(file_get_contents('php://input'), true);
if (is_array($o)) foreach ($o as $k => $v) add($out, 'php{}', '[' . $k . ']', $v);

foreach ($_POST as $k => $v) add($out, 'php', (string) $k, $v);

function file_of(&$out, $key, $p) {
    if (is_array($p)) {
        foreach ($p as $k => $v) file_of($out, $key . '[' . $k . ']', $v);
    } elseif ($p !== '' && is_file($p)) {
        add($out, 'php', $key, file_get_contents($p));
    }
}

foreach ($_FILES as $k => $f) file_of($out, (string) $k, $f['tmp_name']);

header('Content-Type: application/json');
echo "\0", json_encode($out, JSON_INVALID_UTF8_SUBSTITUTE);
